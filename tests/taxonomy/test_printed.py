"""Printed page numbers and running lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.printed import printed_number, running_lines

BODY = "\n".join(f"A line of the body that says something, number {word}" for word in ("one", "two", "three", "four"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Page 3 of 5", (3, 5)),
        ("PAGE 1 OF 5", (1, 5)),
        ("Page: 2 of 2", (2, 2)),
        ("Page 2/4", (2, 4)),
        ("Pg. 2 of 3", (2, 3)),
        ("Page l of 5", (1, 5)),
        ("Page i of 5", (1, 5)),
        ("PAGE L OF 2", (1, 2)),
        ("Page o of 5", None),
        ("Statement of account 2024 Page 3 of 12", (3, 12)),
        ("Form 1040 (2023) Page 2", (2, None)),
        ("Schedule C (Form 1040) 2023 (Page 2)", (2, None)),
        ("Page 3", (3, None)),
        ("Page - 3 -", (3, None)),
        ("4 | P a g e", (4, None)),
        ("p. 3", (3, None)),
        ("P. 3/12", (3, 12)),
        ("3 of 5", (3, 5)),
        ("Closing Disclosure 3 of 5 pages", (3, 5)),
        ("3/5", (3, 5)),
        ("(3/5)", (3, 5)),
        ("- 3 -", (3, None)),
        ("– 3 –", (3, None)),
        ("3", (3, None)),
        ("Page 9 of 5", None),
        ("Page 0 of 5", None),
        ("12/31/2023", None),
        ("as of 12/31", None),
        ("2023", None),
        ("1,234.50", None),
        ("$ 3", None),
        ("$3.50", None),
        ("Page 3.5", None),
        ("Copy 1 of 3", None),
        ("Box 2 of 4", None),
        ("see page 3", None),
        ("continued on page 4", None),
        ("Pages 3", None),
        ("homepage 3", None),
        ("007", None),
        ("", None),
    ],
)
def test_printed_numbers(line: str, expected: tuple[int, int | None] | None) -> None:
    """A page number is read from header and footer alike; dates, amounts and references to other pages are none."""
    assert printed_number(f"{BODY}\n{line}") == expected
    assert printed_number(f"{line}\n{BODY}") == expected


@pytest.mark.parametrize("line", ["3 of 5", "3/5", "- 3 -", "3", "p. 3", "Page 3"])
def test_weak_forms_count_only_at_the_edges(line: str) -> None:
    """In the middle of a page a weak form is no page number."""
    assert printed_number(f"{BODY}\n{line}\n{BODY}") is None


def test_a_full_form_counts_anywhere() -> None:
    """`Page 3 of 5` is a page number wherever it stands, also over a line break, unless it speaks of another page."""
    assert printed_number(f"{BODY}\nPage 3 of 5\n{BODY}") == (3, 5)
    assert printed_number(f"{BODY}\nPage\n3 of 5") == (3, 5)
    assert printed_number(f"{BODY}\nas described on page 3 of 5\n{BODY}") is None


def test_the_footer_is_asked_first() -> None:
    """Where header and footer disagree (a fax header, a stamp), the footer holds."""
    assert printed_number(f"FROM: 555-0100 Page 7 of 30\n{BODY}\nPage 2 of 3") == (2, 3)


def test_running_lines() -> None:
    """The first and last three lines agree between pages of one document, whatever their numbers."""
    pages = [f"ACME Bank\nStatement  {n}\n\nPage {n} of 12\n{BODY}\n{BODY}\nx{n}\ny\nMember FDIC" for n in (2, 11)]
    assert running_lines(pages[0]) == running_lines(pages[1])
    assert running_lines(pages[0]) == ("acme bank", "statement #", "page # of #", "x#", "y", "member fdic")
    assert running_lines("one\ntwo") == ("one", "two")
    assert running_lines(" \n ") == ()


@given(st.text())
def test_never_raises(text: str) -> None:
    """Any text has a number or none."""
    found = printed_number(text)
    assert found is None or found[0] >= 1
    assert len(running_lines(text)) <= 6
