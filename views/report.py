"""`report.html`: one file that opens anywhere, shows what was decided and why, and fetches nothing.

Page text is hostile: autoescape is on, and a content security policy inside the page forbids every load and every
script but the one written here, by its hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from store.records import DocumentDecision, Event, Finding, PageDecision, Result
from views import wording
from views.groups import NEUTRAL, LabelGroups, palette
from views.trail import Step, story

THUMBNAIL_LIMIT = 400
"""Pictures a report carries at most; about 4 kB each."""

_EVIDENCE_OF_A_DOCUMENT = 4


def render(
    result: Result,
    events: Sequence[Event],
    thumbnails: Mapping[int, bytes],
    taxonomy_groups: LabelGroups,
    thumbnail_limit: int = THUMBNAIL_LIMIT,
) -> str:
    """The report as HTML. `thumbnails` maps pages to small JPEGs; a page without one gets a plain tile."""
    steps: dict[int | None, list[Step]] = defaultdict(list)
    for step in story(events):
        steps[step.page].append(step)
    pictured = set(pages_to_picture(result, thumbnail_limit))
    packet = _Packet(
        result=result,
        groups=taxonomy_groups,
        thumbnails={page: _data_uri(jpeg) for page, jpeg in thumbnails.items() if page in pictured},
        steps=steps,
    )
    style, script = _asset("report.css"), _asset("report.js")
    return _template().render(
        packet=packet,
        result=result,
        groups=taxonomy_groups,
        words=wording,
        style=Markup(style),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        palette=palette(),
        neutral=NEUTRAL,
        events=events,
    )


def pages_to_picture(result: Result, limit: int = THUMBNAIL_LIMIT) -> list[int]:
    """The pages worth a picture, at most `limit`: those to review, then first pages of documents, then the others."""
    doubtful = (page.page for page in result.pages if page.needs_review)
    first = (document.pages[0] for document in result.documents if document.pages)
    every = (page.page for page in result.pages)
    return sorted(list(dict.fromkeys(chain(doubtful, first, every)))[:limit])


@dataclass(frozen=True)
class _Bar:
    """One document in the packet strip."""

    document: DocumentDecision
    pages: tuple[PageDecision, ...]


@dataclass(frozen=True)
class _Packet:
    """What the template asks for, worked out."""

    result: Result
    groups: LabelGroups
    thumbnails: Mapping[int, str]
    steps: Mapping[int | None, Sequence[Step]]

    @property
    def pages(self) -> dict[int, PageDecision]:
        return {page.page: page for page in self.result.pages}

    @property
    def doubtful(self) -> list[PageDecision]:
        return [page for page in self.result.pages if page.needs_review]

    @property
    def failing(self) -> list[Finding]:
        return [finding for finding in self.result.findings if finding.status == "fail"]

    def strip(self) -> list[_Bar]:
        """Documents in page order with their pages."""
        pages = self.pages
        ordered = sorted(self.result.documents, key=lambda document: document.pages[:1])
        return [_Bar(document, tuple(pages[n] for n in document.pages if n in pages)) for document in ordered]

    def loose(self) -> list[PageDecision]:
        """Pages no document holds: all of them where a job ended before assembly."""
        held = {page for document in self.result.documents for page in document.pages}
        return [page for page in self.result.pages if page.page not in held]

    def document_of(self) -> dict[int, DocumentDecision]:
        return {page: document for document in self.result.documents for page in document.pages}

    def quotes(self, document: DocumentDecision) -> list[tuple[str, list[int]]]:
        """The first few reasons of a document: the words and the pages they stand on."""
        pages = self.pages
        found: dict[str, list[int]] = defaultdict(list)
        for number in document.pages:
            for item in pages[number].evidence if number in pages else ():
                found[item.quote].append(number)
        return list(found.items())[:_EVIDENCE_OF_A_DOCUMENT]

    def legend(self) -> list[tuple[str, int | None, int]]:
        """Group name, colour index and number of pages, of the groups that occur."""
        seen: dict[str | None, int] = defaultdict(int)
        for page in self.result.pages:
            seen[self.groups.group(page.label)] += 1
        known: list[tuple[str, int | None, int]] = [
            (name, index, seen[code]) for code, name, index in self.groups.legend() if seen.get(code)
        ]
        rest = sum(number for code, number in seen.items() if code not in self.groups.group_names)
        return [*known, ("No label or no group", None, rest)] if rest else known

    def link(self, document: DocumentDecision) -> str | None:
        """The document's file where it is a plain relative path; anything else is not made a link."""
        file = document.file
        return file if file and file.startswith("documents/") and ".." not in file and ":" not in file else None

    def pins(self) -> list[tuple[str, str]]:
        """The manifest in rows."""
        manifest = self.result.manifest
        if manifest is None:
            return []
        calibrator = manifest.calibrator
        return [
            (
                "Taxonomy",
                f"{manifest.taxonomy.name} version {manifest.taxonomy.version}, sha256 {manifest.taxonomy.sha256}",
            ),
            ("Model", manifest.model),
            *((f"Prompt {name}", f"sha256 {digest}") for name, digest in manifest.prompts.items()),
            (
                "Calibrator",
                f"{calibrator.name}, sha256 {calibrator.sha256}" if calibrator else "none fits, so nothing is scored",
            ),
            ("Examples", f"{wording.count(manifest.examples.count, 'example')}, log at {manifest.examples.sequence}"),
            *((f"Engine: {wording.plain(name)}", version) for name, version in manifest.engines.items()),
            ("Code", manifest.code_version),
            ("Packet", f"sha256 {manifest.packet_sha256}"),
        ]


def _data_uri(jpeg: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()


def _asset(name: str) -> str:
    return (files("views") / "templates" / name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["visible"] = lambda text: wording.visible(str(text))
    return environment.from_string(_asset("report.html.j2"))
