"""What patterns need: a filter that never loses a match."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxonomy.folded import fold
from taxonomy.patterns import compile_pattern, nested_quantifier


@pytest.mark.parametrize(
    ("expression", "needs", "prefix"),
    [
        (r"\bform\s+w-?2\b", {"form", "2", "w"}, "form"),
        (r"(?:wage|tax) statement", {"tax|wage", " statement"}, ""),
        (r"\b(?:1040|1041)\b", {"1040|1041"}, ""),
        (r"loans?", {"loan"}, "loan"),
        (r"loan|note", {"loan|note"}, ""),
        (r"loan|\d+", set(), ""),
        (r"(?i)loan", set(), ""),
        (r"(?=loan)l", set(), ""),
        (r"a{2}bc(?:de)?", {"bc"}, ""),
        (r"ACCOUNT\s*#", {"account", "#"}, "account"),
        (r"[Ll]oan \(rev\. 2\)", {"oan (rev. 2)"}, ""),
    ],
)
def test_needs_and_prefix(expression: str, needs: set[str], prefix: str) -> None:
    """The strings a match must hold are read off the expression; in doubt there are none."""
    pattern = compile_pattern(expression)
    assert {"|".join(sorted(strings)) for strings in pattern.needs} == needs
    assert pattern.prefix == prefix


ATOMS = st.sampled_from(
    ["a", "b", "ab", "abc", "A", ".", r"\b", r"\s", r"\d", "[ab]", "[^a]", r"\.", "^", "$", " ", "1"]
)  # fmt: skip
QUANTIFIERS = st.sampled_from(["", "", "", "?", "*", "+", "{2}", "{0,2}", "+?"])
EXPRESSIONS = st.recursive(
    st.tuples(ATOMS, QUANTIFIERS).map("".join),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner, QUANTIFIERS).map(lambda pair: f"({pair[0]}){pair[1]}"),
        st.tuples(inner, inner).map(lambda pair: f"{pair[0]}|{pair[1]}"),
    ),
    max_leaves=8,
)


@settings(max_examples=500, deadline=None)
@given(EXPRESSIONS, st.text(alphabet="abcAB1. \n", max_size=30))
def test_the_filter_never_loses_a_match(expression: str, text: str) -> None:
    """A pattern finds first what the plain engine finds first, ignoring case, in the folded text."""
    try:
        plain = re.compile(expression, re.IGNORECASE | re.MULTILINE)
        pattern = compile_pattern(expression)
    except re.error:
        return
    expected, found = plain.search(fold(text)), pattern.search(fold(text))
    assert (expected and expected.span()) == (found and found.span())


@pytest.mark.parametrize("text", ["", " ", "b ", "b a", "aa"])
def test_empty_matches_end(text: str) -> None:
    """A pattern that can match nothing comes to an end at the end of the text."""
    spans = [match.span() for match in compile_pattern(r"\b(?:a*)").finditer(text)]
    assert spans == [match.span() for match in re.finditer(r"\b(?:a*)", text)]


@pytest.mark.parametrize(
    ("expression", "nested"),
    [
        (r"(a+)+", True),
        (r"(?:a*b?)*", True),
        (r"(?:(?:a+)b)+", True),
        (r"(?:\w+\s*){2,}", True),
        (r"(a+){2}", False),
        (r"a+b+", False),
        (r"[(+*]+", False),
        (r"\(a+\)+", False),
        (r"(ab)+c+", False),
    ],
)
def test_nested_quantifiers(expression: str, nested: bool) -> None:
    """A repetition inside an unbounded repetition is recognised, brackets and escapes are not mistaken for one."""
    assert nested_quantifier(expression) is nested
