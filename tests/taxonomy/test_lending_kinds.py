"""The shipped taxonomy knows well-known kinds of page by their cues alone, whoever issued them."""

from __future__ import annotations

from pathlib import Path

import pytest

from taxonomy import CueMatcher, load

_PAGES = Path(__file__).with_name("lending_kinds.txt")
"""Each page begins with a line `@ label | what it is`, with `| ocr` at its end where it stands as OCR would read it."""


@pytest.fixture(scope="module")
def matcher() -> CueMatcher:
    """One matcher for all pages: making it takes longer than matching."""
    return CueMatcher(load("lending"))


def _pages() -> list[object]:
    pages = []
    for page in _PAGES.read_text(encoding="utf-8").removeprefix("@ ").split("\n@ "):
        head, _, text = page.partition("\n")
        label, name, *ocr = head.split(" | ")
        pages.append(pytest.param(label, text.strip(), bool(ocr), id=f"{label}: {name}"))
    return pages


@pytest.mark.parametrize(("label", "text", "ocr"), _pages())
def test_a_known_kind_of_page(matcher: CueMatcher, label: str, text: str, ocr: bool) -> None:
    """The label with the highest score is the right one."""
    report = matcher.report(text, ocr)
    assert [found.label for found in report.labels[:1]] == [label], [(f.label, f.score) for f in report.labels[:3]]
