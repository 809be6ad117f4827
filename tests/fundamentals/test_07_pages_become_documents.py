"""7. Assembly: all verdicts at once become documents, and what a person decided is pinned. No model takes part."""

from __future__ import annotations

import pytest

from graph.assembly.assemble import assemble_packet
from graph.assembly.potentials import Pins
from graph.calibrator import Calibrators
from store.records import Assembled, LabelScore, PageVerdict, StartScore
from taxonomy import Taxonomy

Seen = tuple[str, float]
"""What a page looks like, and how much it looks like a beginning."""

PACKET: list[Seen] = [("letter", 0.95), ("contract", 0.95), ("contract", 0.05), ("w2", 0.95)]


def assemble(taxonomy: Taxonomy, seen: list[Seen], pins: Pins | None = None) -> Assembled:
    verdicts = [
        PageVerdict(
            page=page,
            ranked=(LabelScore(label=label, score=0.9),),
            start=StartScore(score=start, why="as drawn"),
            decided_by="local",
        )
        for page, (label, start) in enumerate(seen, start=1)
    ]
    return assemble_packet(verdicts, taxonomy, pins or Pins(labels={}, starts={}), calibrators=Calibrators())


def documents(packet: Assembled) -> list[tuple[str | None, tuple[int, ...]]]:
    return [(document.label, document.pages) for document in packet.documents]


def test_every_page_ends_in_exactly_one_document(small_taxonomy: Taxonomy) -> None:
    """Documents cover the packet in order, without a gap or an overlap."""
    packet = assemble(small_taxonomy, PACKET)
    assert documents(packet) == [("letter", (1,)), ("contract", (2, 3)), ("w2", (4,))]


def test_one_odd_page_does_not_break_a_document(small_taxonomy: Taxonomy) -> None:
    """A page is judged with its neighbours: inside an agreement, one that alone reads otherwise is still of it."""
    seen = [("contract", 0.95), ("contract", 0.02), ("letter", 0.02), ("contract", 0.02)]
    assert documents(assemble(small_taxonomy, seen)) == [("contract", (1, 2, 3, 4))]


def test_what_a_person_said_of_a_page_stands(small_taxonomy: Taxonomy) -> None:
    """A pinned label outweighs any score, and only such an answer is certain."""
    packet = assemble(small_taxonomy, PACKET, Pins(labels={4: "letter"}, starts={}))
    assert documents(packet)[-1] == ("letter", (4,))
    assert packet.pages[3].confidence == 1.0


def test_what_a_person_said_of_a_boundary_stands(small_taxonomy: Taxonomy) -> None:
    """A document that a person cuts in two stays cut, and two that a person joins stay joined."""
    cut = assemble(small_taxonomy, PACKET, Pins(labels={}, starts={3: True}))
    assert documents(cut) == [("letter", (1,)), ("contract", (2,)), ("contract", (3,)), ("w2", (4,))]
    joined = assemble(small_taxonomy, [("w2", 0.9), ("w2", 0.9)], Pins(labels={}, starts={2: False}))
    assert documents(joined) == [("w2", (1, 2))]


def test_without_a_calibrator_no_confidence_is_claimed(small_taxonomy: Taxonomy) -> None:
    """Not scored is null: a model's own score is never passed on as a confidence."""
    assert {page.confidence for page in assemble(small_taxonomy, PACKET).pages} == {None}


def test_a_missing_verdict_is_an_error_not_a_guess(small_taxonomy: Taxonomy) -> None:
    """A packet is assembled when every page was judged, and not before."""
    late = PageVerdict(page=2, start=StartScore(score=None, why=""), decided_by="none")
    with pytest.raises(ValueError, match="exactly one verdict"):
        assemble_packet([late], small_taxonomy, Pins(labels={}, starts={}), calibrators=Calibrators())
