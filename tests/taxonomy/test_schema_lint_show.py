"""The form as JSON Schema, the doubts about a taxonomy, and how it is shown and compared."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import jsonschema
import pytest
import yaml

from taxonomy import CueMatcher, Taxonomy, TaxonomyError, diff, json_schema, lint, load, read, shipped, show
from taxonomy.source import Source

TINY = r"""
name: tiny
version: 1
description: A small taxonomy for tests.
groups: {income: Income, spare: Nothing here}
identity_patterns:
  ein: ['\b(\d{2}-\d{7})\b']
  unused: ['loan\s+no\.\s*(\d+)']
labels:
  - code: w2
    name: W-2 statement
    group: income
    description: Yearly statement of wages by an employer, not the monthly stub.
    pages: {typical: 1, max: 12}
    identity: [ein]
    cues:
      title: [{text: wage and tax statement, weight: 7}]
      phrase: [tax year, {text: tax year ended, weight: 1}, tax year, "Total wages"]
      pattern: [{text: '(?:w+\s*)+-2', weight: 3}]
  - code: stub
    name: Pay stub
    group: income
    description: Short.
    pages: {typical: 2, max: 2}
    cues:
      phrase: [total wages]
rules:
  - {id: a, on: document, severity: info, require: "document.pagecount < 3 || document.label == 'w3'", message: Short.}
"""


def tiny() -> Taxonomy:
    return read("tiny.yaml", TINY.encode())


def test_the_json_schema_accepts_what_the_loader_accepts() -> None:
    """The exported schema is valid, accepts the small taxonomy, and refuses what the loader refuses."""
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(json.loads(json.dumps(schema)))
    data = Source("tiny.yaml", TINY.encode()).data
    assert list(validator.iter_errors(data)) == []
    for key, value in {"version": 0, "labels": [], "nosuch": 1, "name": "Has Spaces"}.items():
        changed = {**data, key: value}
        assert list(validator.iter_errors(changed))
        with pytest.raises(TaxonomyError):
            read("tiny.yaml", yaml.safe_dump(changed).encode())


def test_every_field_of_the_schema_has_its_sentence() -> None:
    """An editor that reads the schema can explain each field."""
    schema = json_schema()
    parts: dict[str, Any] = {"taxonomy": schema, **schema["$defs"]}
    silent = [
        f"{name}.{field}"
        for name, part in parts.items()
        for field, form in part.get("properties", {}).items()
        if "description" not in form
    ]
    assert silent == []


@pytest.mark.parametrize("name", shipped())
def test_shipped_taxonomies_fit_the_schema_and_match(name: str) -> None:
    """A shipped taxonomy fits the exported schema, and each label is found by its own first title."""
    file = resources.files("taxonomy") / "data" / f"{name.replace('@', '.v')}.yaml"
    data = Source(name, file.read_bytes()).data
    assert list(jsonschema.Draft202012Validator(json_schema()).iter_errors(data)) == []
    loaded = load(name)
    matcher = CueMatcher(loaded)
    for label in loaded.labels.values():
        titles = [cue.text for cue in label.cues if cue.kind == "title" and not cue.regex]
        if titles:
            report = matcher.report(titles[0].upper(), ocr=False)
            assert label.code in {found.label for found in report.labels}


def test_lint_finds_what_is_seldom_meant() -> None:
    """Each kind of doubt is found once where it is, with the label or rule it is about."""
    found = {(warning.code, warning.where) for warning in lint(tiny())}
    assert found == {
        ("cue_twice", "w2"),
        ("cue_within_cue", "w2"),
        ("great_weight", "w2"),
        ("nested_quantifier", "w2"),
        ("no_title", "stub"),
        ("short_description", "stub"),
        ("no_distinction", "stub"),
        ("no_boundary", "stub"),
        ("shared_cue", "w2"),
        ("empty_group", "spare"),
        ("unused_identity", "unused"),
        ("identity_without_word", "ein"),
        ("unknown_fact", "a"),
        ("unknown_label", "a"),
    }


def test_show() -> None:
    """The whole taxonomy names every label and rule; one label shows every cue; an unknown one says what there is."""
    whole = show(tiny())
    assert "`w2`" in whole
    assert "`stub`" in whole
    assert "document.pagecount" in whole
    one = show(tiny(), "w2")
    assert "wage and tax statement" in one
    assert "(regular expression)" in one
    with pytest.raises(TaxonomyError, match="w2"):
        show(tiny(), "w22")


def test_diff() -> None:
    """What was added, removed and changed is named; a taxonomy does not differ from itself."""
    old = tiny()
    text = TINY.replace("code: stub", "code: pay_stub").replace("weight: 7", "weight: 5").replace("id: a", "id: b")
    change = diff(old, read("tiny.yaml", text.encode()))
    assert (change.added, change.removed) == (("pay_stub",), ("stub",))
    (w2,) = change.changed
    assert ([cue.weight for cue in w2.cues_added], [cue.weight for cue in w2.cues_removed]) == ([5.0], [7.0])
    assert set(change.rules) == {"a", "b"}
    same = diff(old, old)
    assert (same.added, same.removed, same.changed, same.rules, same.identity_kinds) == ((), (), (), (), ())
