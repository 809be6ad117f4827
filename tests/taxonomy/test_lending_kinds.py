"""The shipped taxonomy knows well-known kinds of page by their cues alone, whoever issued them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from taxonomy import CueMatcher, load

_FOLDER = Path(__file__).with_name("lending_kinds")
"""Each page begins with a line `@ label | what it is`, with `| ocr` at its end where it stands as OCR would read it."""


class Page(NamedTuple):
    """One page of a made-up document."""

    label: str
    what: str
    text: str
    ocr: bool


def _pages() -> Iterator[Page]:
    for file in sorted(_FOLDER.glob("*.txt")):
        for page in file.read_text(encoding="utf-8").removeprefix("@ ").split("\n@ "):
            head, _, text = page.partition("\n")
            label, what, *ocr = head.split(" | ")
            yield Page(label, what, text.strip(), bool(ocr))


PAGES = tuple(_pages())


@pytest.fixture(scope="module")
def matcher() -> CueMatcher:
    """One matcher for all pages: making it takes longer than matching."""
    return CueMatcher(load("lending"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.label}: {page.what}")
def test_a_known_kind_of_page(matcher: CueMatcher, page: Page) -> None:
    """The label with the highest score is the right one."""
    leading = [(found.label, round(found.score, 1)) for found in matcher.report(page.text, page.ocr).labels[:3]]
    assert leading
    assert leading[0][0] == page.label, leading


def test_most_labels_have_a_page() -> None:
    """At least nine labels in ten are tried: a label without a page could be broken unseen."""
    labels = load("lending").labels
    tried = {page.label for page in PAGES}
    assert tried <= labels.keys()
    assert len(tried) >= 0.9 * len(labels), sorted(labels.keys() - tried)
