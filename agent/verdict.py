"""The verdict a model submits, as a tool whose schema bounds every string, and the check that it stands on the page."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from store.records import Box, Evidence, PageText
from taxonomy import Taxonomy
from tools.toolbox import function_schema

SUBMIT = "submit_verdict"

Quote = Annotated[str, Field(min_length=2, max_length=200)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Candidate(_Part):
    """One label and the share of belief in it."""

    label: str = Field(max_length=60, description="A label code of the list.")
    score: float = Field(ge=0, le=1)


class Start(_Part):
    """Whether a document begins on this page."""

    score: float = Field(ge=0, le=1, description="0: surely not, 1: surely.")
    why: str = Field(max_length=300)


class Printed(_Part):
    """Page number printed on the page."""

    number: int = Field(ge=0, le=10_000)
    of: int | None = Field(default=None, ge=1, le=10_000)


class Identity(_Part):
    """Something that names whom or what the document is about."""

    kind: str = Field(max_length=40)
    value: str = Field(max_length=80)


class SubmittedVerdict(_Part):
    """Your answer about this page. Call it exactly once, at the end."""

    rationale: str = Field(
        min_length=3, max_length=600, description="The reason for the answer, in one to three sentences."
    )
    labels: tuple[Candidate, ...] = Field(
        max_length=6, description="Best first; scores sum to at most 1. Empty if the page is blank."
    )
    start: Start
    printed: Printed | None = None
    identity: tuple[Identity, ...] = Field(default=(), max_length=8)
    quotes: tuple[Quote, ...] = Field(default=(), max_length=6, description="Words that stand on the page, exactly.")


def verdict_schema(taxonomy: Taxonomy) -> dict[str, Any]:
    """The tool schema of `submit_verdict`, its labels an enum of the taxonomy's codes."""
    schema = function_schema(SUBMIT, SubmittedVerdict.__doc__ or "", SubmittedVerdict)
    candidate = schema["function"]["parameters"]["$defs"]["Candidate"]
    candidate["properties"]["label"]["enum"] = list(taxonomy.labels)
    return schema


class VerdictMistake(Exception):
    """What is wrong with a submitted verdict, in words that let the model repair it."""


def parse_verdict(arguments: dict[str, Any], taxonomy: Taxonomy) -> SubmittedVerdict:
    """Raise VerdictMistake for a wrong shape, an unknown label or scores that are no distribution."""
    try:
        verdict = SubmittedVerdict.model_validate(arguments)
    except ValidationError as error:
        found = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise VerdictMistake("; ".join(found[:5])[:600]) from error
    unknown = [candidate.label for candidate in verdict.labels if candidate.label not in taxonomy.labels]
    if unknown:
        raise VerdictMistake(f"Not in the taxonomy: {', '.join(unknown)}. Use codes of the list only.")
    if len({candidate.label for candidate in verdict.labels}) < len(verdict.labels):
        raise VerdictMistake("A label is named twice.")
    if sum(candidate.score for candidate in verdict.labels) > 1.01:
        raise VerdictMistake("The label scores sum to more than 1.")
    return verdict


def find_quote(quote: str, text: PageText) -> Evidence | None:
    """The quote with the boxes of its words, one a line; None where it does not stand on the page.

    Letter case, spacing and punctuation at word ends do not count; the words and their order do.
    """
    wanted = [_bare(word) for word in quote.split()]
    wanted = [word for word in wanted if word]
    if not wanted:
        return None
    if text.words:
        return _find_in_words(quote, wanted, text)
    present = [_bare(word) for word in text.text.split()]
    return Evidence(quote=quote) if _position(wanted, [word for word in present if word]) is not None else None


def _find_in_words(quote: str, wanted: list[str], text: PageText) -> Evidence | None:
    kept = [(bare, word.box) for word in text.words if (bare := _bare(word.text))]
    at = _position(wanted, [bare for bare, _ in kept])
    if at is None:
        return None
    return Evidence(quote=quote, boxes=_lines([box for _, box in kept[at : at + len(wanted)]]))


def _position(wanted: list[str], words: list[str]) -> int | None:
    span = len(wanted)
    return next((at for at in range(len(words) - span + 1) if words[at : at + span] == wanted), None)


def _bare(word: str) -> str:
    return word.replace("’", "'").casefold().strip(" .,:;!?()[]{}\"'“”‘’«»|*_-–—")


def _lines(boxes: list[Box]) -> tuple[Box, ...]:
    """Join boxes that stand on one line."""
    joined: list[Box] = []
    for box in boxes:
        if joined and abs(joined[-1][1] - box[1]) < 0.01 and box[0] >= joined[-1][0]:
            last = joined[-1]
            joined[-1] = (last[0], min(last[1], box[1]), max(last[2], box[2]), max(last[3], box[3]))
        else:
            joined.append(box)
    return tuple(joined)
