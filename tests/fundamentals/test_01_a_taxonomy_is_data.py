"""1. What may be said of a page stands in a YAML file: labels, the cues that speak for them, and rules.

Nothing in the code knows a label. Open `tests/small.v1.yaml` beside this file; it is the taxonomy of this tutorial.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from taxonomy import CueMatcher, Taxonomy, TaxonomyError, evaluate, load

SMALL = Path(__file__).parents[1] / "small.v1.yaml"


def test_a_taxonomy_has_labels_with_descriptions(small_taxonomy: Taxonomy) -> None:
    """Each label is a code with a name and a description, for people and for models."""
    assert list(small_taxonomy.labels) == ["w2", "letter", "contract"]
    assert small_taxonomy.labels["w2"].name == "Wage and tax statement"


def test_cues_speak_for_a_label_and_show_what_they_found(small_taxonomy: Taxonomy) -> None:
    """A cue that matches adds log-odds to its label, and keeps the words it matched as the reason."""
    report = CueMatcher(small_taxonomy).report("Wage and Tax Statement\nSocial security wages 50,000.00", False)
    best = report.labels[0]
    assert best.label == "w2"
    assert [hit.quote for hit in best.hits] == ["Wage and Tax Statement", "Social security wages"]


def test_rules_have_three_answers(small_taxonomy: Taxonomy) -> None:
    """A rule passes or fails on facts; without its facts it is unknown, which is neither."""
    rules = small_taxonomy.rules

    def answers(pages: int | None) -> dict[str, str]:
        facts = {"document": {"label": "w2"} if pages is None else {"label": "w2", "page_count": pages}}
        return {outcome.rule_id: outcome.status for outcome in evaluate(rules, "document", facts)}

    assert answers(2) == {"short_w2": "pass"}
    assert answers(3) == {"short_w2": "fail"}
    assert answers(None) == {"short_w2": "unknown"}


def test_a_mistake_in_the_file_is_told_with_its_place(tmp_path: Path) -> None:
    """Loading fails with file, line and column; a taxonomy with a mistake is never half used."""
    broken = tmp_path / "broken.yaml"
    broken.write_text(SMALL.read_text(encoding="utf-8").replace("group: income", "group: nowhere"), encoding="utf-8")
    with pytest.raises(TaxonomyError, match=rf"{broken}:\d+:\d+"):
        load(broken)


def test_every_change_of_the_file_is_another_taxonomy(small_taxonomy: Taxonomy, tmp_path: Path) -> None:
    """A run pins the hash of the content, so that it never goes on with other rules than it began with."""
    changed = tmp_path / "changed.yaml"
    changed.write_text(SMALL.read_text(encoding="utf-8").replace("weight: 5", "weight: 4"), encoding="utf-8")
    assert load(changed).sha256 != small_taxonomy.sha256
