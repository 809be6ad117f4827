"""Rules are three-valued: pass, fail, or unknown where the facts do not answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy import Rule, document_facts, evaluate, packet_facts, page_facts
from taxonomy.rules import check_expression, labels_named, unknown_facts


def rule(require: str, when: str | None = None, on: Any = "packet") -> Rule:
    return Rule(id="r", on=on, severity="warning", when=when, require=require, message="It must hold.")


W2 = document_facts("w2", [1, 2], [("ein", "12"), ("ein", "12"), ("ein", "34")])
UNREAD = document_facts(None, [3], [])
PACKET = packet_facts(["w2", "bank_statement"], [W2])


@pytest.mark.parametrize(
    ("require", "status"),
    [
        ("'w2' in packet.labels", "pass"),
        ("packet.counts.bank_statement > 0", "fail"),
        ("packet.counts['nosuch'] > 0", "unknown"),
        ("packet.documents.all(d, d.page_count < 3)", "pass"),
        ("packet.documents[7].page_count < 3", "unknown"),
        ("packet.size", "unknown"),
        ("size(packet.documents)", "unknown"),
        ("1 / 0 == 1", "unknown"),
        ("packet.labels < 3", "unknown"),
        ("nosuch(1)", "unknown"),
        ("not cel at all", "unknown"),
        ("packet.documents.exists(d, 'ein' in d.identity && size(d.identity.ein) == 2)", "pass"),
    ],
)
def test_three_values(require: str, status: str) -> None:
    """A rule passes or fails on facts; a missing fact, a wrong type or a broken expression is unknown, never pass."""
    assert [outcome.status for outcome in evaluate([rule(require)], "packet", PACKET)] == [status]


def test_a_rule_that_does_not_apply_says_nothing() -> None:
    """`when` false gives no outcome, `when` undecidable gives unknown, another scope is passed over."""
    assert evaluate([rule("false", when="size(packet.labels) > 5")], "packet", PACKET) == []
    assert evaluate([rule("false", on="page")], "packet", PACKET) == []
    (outcome,) = evaluate([rule("true", when="packet.nosuch")], "packet", PACKET)
    assert outcome.status == "unknown"
    assert "nosuch" in outcome.message


def test_none_is_a_missing_fact() -> None:
    """A confidence or label of None is not compared as null: the rule is unknown."""
    confident = rule("page.confidence >= 0.5", on="page")
    named = rule("page.label == 'w2'", on="page")
    assert [o.status for o in evaluate([confident, named], "page", page_facts(1, None, None))] == ["unknown", "unknown"]
    assert [o.status for o in evaluate([confident, named], "page", page_facts(1, "w2", 0.9))] == ["pass", "pass"]


def test_a_document_nobody_could_read_leaves_missing_counts_open() -> None:
    """With an unlabelled document in the packet, 'there is no W-2' cannot be said."""
    facts = packet_facts(["w2", "bank_statement"], [W2, UNREAD])
    (outcome,) = evaluate([rule("packet.counts.bank_statement > 0")], "packet", facts)
    assert outcome.status == "unknown"
    (outcome,) = evaluate([rule("packet.counts.w2 > 0")], "packet", facts)
    assert outcome.status == "pass"


def test_rules_are_bounded() -> None:
    """A rule whose loops would take too long over a great packet is unknown, and says what to use instead."""
    facts = packet_facts(["w2"], [W2] * 3000)
    slow = rule("packet.documents.filter(d, d.label == 'w2').size() > 2")
    quick = rule("packet.documents.all(d, d.page_count < 5)")
    first, second = evaluate([slow, quick], "packet", facts)
    assert first.status == "unknown"
    assert "packet.counts" in first.message
    assert second.status == "pass"


def test_expressions_are_checked_before_use() -> None:
    """Syntax, length, depth of loops and foreign names are found without any packet."""
    assert check_expression("packet.counts.w2 > 0", "packet") is None
    for expression in ("a b", "document.label == 'x'", "nosuch(1)", "true || " * 200 + "true"):
        assert check_expression(expression, "packet") is not None
    nested = "packet.labels.all(a, packet.labels.all(b, packet.labels.all(c, a == b && b == c)))"
    assert check_expression(nested, "packet") is not None
    flat = "packet.labels.all(a, a != '.all(') && packet.labels.all(a, a != 'x') && packet.labels.all(a, true)"
    assert check_expression(flat, "packet") is None


def test_names_in_expressions() -> None:
    """Fields that no fact has, and labels a rule compares with, are found in the expression."""
    assert unknown_facts("document.pagecount > 1 && document.label == 'document.x'", "document") == [
        "document.pagecount"
    ]
    named = "packet.counts['a1'] > 0 && 'b1' in packet.labels && packet.documents.all(d, d.label != \"c1\")"
    assert set(labels_named(named)) == {"a1", "b1", "c1"}


@given(st.text(max_size=60))
def test_evaluate_never_raises(expression: str) -> None:
    """Whatever stands in an expression, the outcome is one of three words."""
    for outcome in evaluate([rule(expression)], "packet", PACKET):
        assert outcome.status in {"pass", "fail", "unknown"}
    check_expression(expression, "packet")
