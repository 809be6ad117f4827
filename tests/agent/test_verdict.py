"""A verdict is checked before it counts: labels exist, scores are a distribution, quotes stand on the page."""

from __future__ import annotations

from typing import Any

import pytest

from agent.verdict import VerdictMistake, find_quote, parse_verdict, verdict_schema
from store.records import PageText, Word
from taxonomy import Taxonomy

LINES = ["Form W-2 Wage and Tax Statement", "Copy B, To Be Filed With", "Employee’s FEDERAL Tax Return."]


@pytest.fixture
def page() -> PageText:
    """Three lines of words, each word in a box of its own."""
    words = [
        Word(text=word, box=(0.1 * at, 0.1 * row, 0.1 * at + 0.08, 0.1 * row + 0.05))
        for row, line in enumerate(LINES)
        for at, word in enumerate(line.split())
    ]
    return PageText(page=1, source="text_layer", engine="test", text="\n".join(LINES), words=tuple(words))


def submitted(**changes: Any) -> dict[str, Any]:
    return {
        "rationale": "it says so",
        "labels": [{"label": "w2", "score": 0.9}, {"label": "letter", "score": 0.05}],
        "start": {"score": 0.8, "why": "title"},
        **changes,
    }


def test_the_schema_offers_the_labels_of_the_taxonomy_and_no_others(small_taxonomy: Taxonomy) -> None:
    """The label is an enum, so that a provider that enforces schemas cannot invent one."""
    schema = verdict_schema(small_taxonomy)
    candidate = schema["function"]["parameters"]["$defs"]["Candidate"]
    assert candidate["properties"]["label"]["enum"] == list(small_taxonomy.labels)


def test_a_good_verdict_is_taken(small_taxonomy: Taxonomy) -> None:
    """What the schema allows comes back typed."""
    verdict = parse_verdict(submitted(quotes=["Wage and Tax Statement"]), small_taxonomy)
    assert [candidate.label for candidate in verdict.labels] == ["w2", "letter"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"labels": [{"label": "w3", "score": 0.9}]}, "Not in the taxonomy: w3"),
        ({"labels": [{"label": "w2", "score": 0.9}, {"label": "letter", "score": 0.9}]}, "sum to more than 1"),
        ({"labels": [{"label": "w2", "score": 0.4}, {"label": "w2", "score": 0.4}]}, "twice"),
        ({"labels": [{"label": "w2", "score": 7}]}, "labels.0.score"),
        ({"rationale": ""}, "rationale"),
        ({"quotes": ["x" * 500]}, "quotes.0"),
        ({"tenant": "other"}, "tenant"),
    ],
)
def test_a_mistake_is_named_so_that_it_can_be_repaired(
    small_taxonomy: Taxonomy, changes: dict[str, Any], says: str
) -> None:
    """The message says which field is wrong and why."""
    with pytest.raises(VerdictMistake, match=says):
        parse_verdict(submitted(**changes), small_taxonomy)


def test_a_quote_comes_back_with_its_boxes_one_a_line(page: PageText) -> None:
    """Words over a line break give one box for each line."""
    found = find_quote("be filed with employee's federal", page)
    assert found is not None
    assert len(found.boxes) == 2
    assert found.boxes[0] == pytest.approx((0.3, 0.1, 0.58, 0.15))


def test_a_quote_that_is_not_on_the_page_is_no_evidence(page: PageText) -> None:
    """Neither other words, nor the right words in another order, nor nothing at all."""
    assert find_quote("Earnings Statement", page) is None
    assert find_quote("Tax and Wage Statement", page) is None
    assert find_quote("…", page) is None
