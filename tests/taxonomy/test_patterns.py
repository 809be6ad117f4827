"""What patterns need: a filter that never loses a match."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxonomy.folded import FoldedText, fold
from taxonomy.patterns import PatternIndex, compile_pattern, nested_quantifier


@pytest.mark.parametrize(
    ("expression", "needs", "prefixes"),
    [
        (r"\bform\s+w-?2\b", {"form", "2", "w"}, "form"),
        (r"(?:wage|tax) statement", {"tax|wage", " statement"}, "tax|wage"),
        (r"\b(?:1040|1041)\b", {"1040|1041"}, "1040|1041"),
        (r"loans?", {"loan"}, "loan"),
        (r"loan|note", {"loan|note"}, "loan|note"),
        (r"loan|\d+", set(), ""),
        (r"(?i)loan", set(), ""),
        (r"(?=loan)l", set(), ""),
        (r"a{2}bc(?:de)?", {"bc"}, ""),
        (r"ACCOUNT\s*#", {"account", "#"}, "account"),
        (r"[Ll]oan \(rev\. 2\)", {"oan (rev. 2)"}, ""),
    ],
)
def test_needs_and_prefixes(expression: str, needs: set[str], prefixes: str) -> None:
    """What a match must hold and what it may begin with are read off the expression; in doubt there is nothing."""
    pattern = compile_pattern(expression)
    assert {"|".join(sorted(strings)) for strings in pattern.needs} == needs
    assert "|".join(prefix for prefix, _ in pattern.prefixes) == prefixes


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


@settings(max_examples=500, deadline=None)
@given(EXPRESSIONS, st.text(alphabet="abcAB1. \n", max_size=30))
def test_the_index_never_loses_a_match(expression: str, text: str) -> None:
    """Whatever matches a page is a candidate by the keys of the page, and is found with them at the same place."""
    try:
        pattern = compile_pattern(expression)
    except re.error:
        return
    page = FoldedText(text)
    expected = pattern.compiled.search(page.lined)
    if expected:
        assert PatternIndex([pattern]).candidates(page.keys) == [0]
    found = pattern.search(page.lined, keys=page.keys)
    assert (expected and expected.span()) == (found and found.span())


@pytest.mark.parametrize(
    ("expression", "anchor"),
    [
        (r"\Aab", "text"),
        (r"\A*ab", None),
        (r"^ab", "line"),
        (r"^ab|b", None),
        (r"^(?:a|b)", "line"),
        (r"(?:^|\n)ab", "break"),
        (r"(?:^|\n)?ab", None),
        (r"(?:\nab){2}", "break"),
        (r"(?:\nab)*b", None),
        (r"(?:\na|b)b", None),
        (r"[|]|ab", None),
        (r"^[|(]b", "line"),
        (r"ab", None),
    ],
)
def test_anchors(expression: str, anchor: str | None) -> None:
    """Where a match may begin is known for patterns that begin with the text, a line or a line break, and only there.

    With it the pattern still finds what the plain engine finds.
    """
    try:
        pattern = compile_pattern(expression)
    except re.error:
        assert anchor is None
        return
    assert pattern.anchor == anchor
    for text in ("ab", "b\nab", "bab\n\nab", "\nab\nab", "a|b\n(b", "b\n|b\nab b", "\n", ""):
        for end in (None, 3, 5):
            expected = pattern.compiled.search(text, 0, len(text) if end is None else end)
            found = pattern.search(text, end)
            assert (expected and expected.span()) == (found and found.span())


def test_few_patterns_are_tried() -> None:
    """A page that lacks what a pattern needs does not try it; with it, it does."""
    expressions = [r"\bform\s+1099\b", r"(?:wage|tax)\s+statement", r"[<«]{6}", r"\d{4}"]
    index = PatternIndex(map(compile_pattern, expressions))
    assert index.candidates(FoldedText("A tax\nStatement").keys) == [1, 3]
    assert index.candidates(FoldedText("Form 1099 <<<<<<").keys) == [0, 2, 3]


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
