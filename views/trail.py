"""The trail as a story: each event one step, in words a reviewer understands. Terminal and report tell the same one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from store.records import Event, Json, Usage
from views.wording import clock, count, milliseconds, moment, money, page_ranges, plain, reason, score, shorten, visible

Tone = Literal["step", "decision", "review", "failure"]


@dataclass(frozen=True)
class Step:
    """One event in words. Texts may hold words of the packet: whoever shows them escapes them."""

    seq: int
    page: int | None
    at: str
    """Time of day in UTC."""
    who: str
    tone: Tone
    title: str
    why: str | None
    arguments: tuple[tuple[str, str], ...]
    came_back: str | None
    facts: tuple[tuple[str, str], ...]
    """What else the event carries: scores, codes, references."""
    cost: str
    """Model, prompt, tokens, price and duration on one line; empty where none was spent."""
    traceback: str | None = None
    """Of a bug, over several lines."""


def story(events: Iterable[Event]) -> list[Step]:
    """Events in order, as steps."""
    return [_step(event) for event in events]


def of_pages(events: Iterable[Event], pages: Iterable[int], document: int | None = None) -> list[Event]:
    """The events of these pages, and those that put them together into `document` (an index)."""
    wanted = set(pages)
    return [
        event
        for event in events
        if event.page in wanted
        or (event.type == "document.assembled" and document is not None and _data(event).get("index") == document)
        or (event.type in {"rule.evaluated", "review.requested"} and wanted & _page_set(_data(event).get("pages")))
    ]


def show(steps: Sequence[Step], console: Console, heading: str) -> None:
    """Print the steps, a rule before each page."""
    console.print(Text(heading, style="bold"))
    page: int | None = None
    for at, step in enumerate(steps):
        if step.page != page or at == 0:
            page = step.page
            console.print()
            console.print(Rule(Text(f"page {page}" if page else "packet"), align="left", style="dim"))
        _print(step, console)
    if not steps:
        console.print(Text("No step fits.", style="dim"))


_STYLES: dict[Tone, str] = {"step": "cyan", "decision": "bold green", "review": "bold yellow", "failure": "bold red"}
_MARKS: dict[Tone, str] = {"step": "·", "decision": "✓", "review": "?", "failure": "✗"}


def _print(step: Step, console: Console) -> None:
    head = Table.grid(padding=(0, 1))
    head.add_row(
        Text(f"{step.seq:>5} {step.at}", style="dim", no_wrap=True),
        Text(_MARKS[step.tone], style=_STYLES[step.tone]),
        Text.assemble(
            (visible(step.title), _STYLES[step.tone] if step.tone != "step" else "bold"),
            (f"  {step.who}", "dim italic"),
        ),
    )
    console.print(head)
    lines: list[tuple[str, str, str]] = []
    if step.why:
        lines.append(("why", step.why, ""))
    if step.arguments:
        lines.append(("with", ", ".join(f"{name} {value}" for name, value in step.arguments), ""))
    if step.came_back:
        lines.append(("came back", step.came_back, "red" if step.tone == "failure" else ""))
    lines += [(name, value, "") for name, value in step.facts]
    if step.cost:
        lines.append(("spent", step.cost, "dim"))
    for name, value, style in lines:
        line = Table.grid(padding=(0, 1))
        line.add_column(width=12)
        line.add_row(Text(name, style="dim"), Text(visible(value), style=style))
        console.print(Padding(line, (0, 0, 0, 21)))
    if step.traceback:
        console.print(Padding(Text(visible(step.traceback), style="red"), (0, 0, 0, 22)))


# ── one event in words ───────────────────────────────────────────────────────────────────────────


def _step(event: Event) -> Step:
    data = _data(event)
    observation = event.observation or {}
    failed = (
        bool(observation.get("failed"))
        or event.type.endswith((".failed", ".rejected", ".unreadable"))
        or "error" in data
    )
    tell = _TELLERS.get(event.type)
    title, known = tell(event, data) if tell else (_generic(event), frozenset())
    return Step(
        seq=event.seq,
        page=event.page,
        at=clock(event.at),
        who=event.actor.replace(":", " ", 1),
        tone="failure" if failed else "review" if data.get("status") == "fail" else _tone(event.type),
        title=title,
        why=event.rationale or None,
        arguments=_pairs({name: value for name, value in (event.arguments or {}).items() if name != "rationale"}),
        came_back=str(observation["summary"]) if observation.get("summary") else None,
        facts=_facts(data, known | {"traceback"}, observation),
        cost=spent(event.model, event.prompt, event.usage, event.duration_ms),
        traceback=data["traceback"] if isinstance(data.get("traceback"), str) else None,
    )


def spent(model: str | None, prompt: str | None, usage: Usage | None, duration_ms: int | None) -> str:
    """`gpt-x · prompt 3f2a… · 1,204 + 88 tokens · $0.0031 · 812 ms`; an unknown price says so."""
    parts = [model] if model else []
    if prompt:
        parts.append(f"prompt {short_hash(prompt)}")
    if usage and (usage.input_tokens or usage.output_tokens):
        parts.append(f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out")
    if usage and usage.cached_calls:
        parts.append("answered by an earlier job")
    if usage and (usage.model_calls or usage.cost_usd is None):
        parts.append(money(usage.cost_usd))
    if duration_ms is not None:
        parts.append(milliseconds(duration_ms))
    return " · ".join(parts)


def short_hash(reference: str) -> str:
    """`sha256:3f2a…` cut to what tells two apart by eye."""
    name, colon, digest = reference.rpartition(":")
    return f"{name}{colon}{digest[:12]}…" if len(digest) > 20 else reference


def _tone(kind: str) -> Tone:
    if kind.startswith("review."):
        return "review"
    return "decision" if kind.endswith((".classified", ".decided", ".assembled", ".completed")) else "step"


_TOOLS = {
    "read_page": "Read the text layer",
    "ocr_page": "Read the page by OCR",
    "apply_taxonomy_rules": "Looked for the taxonomy's cues",
    "retrieve_similar": "Looked for similar labelled pages",
    "escalate_to_review": "Asked for a person",
    "submit_verdict": "Submitted a verdict",
}

Told = tuple[str, frozenset[str]]
"""A title, and the names in `data` that it has already told."""


def _submitted(event: Event, data: Json) -> Told:
    return "The packet was handed in", frozenset()


def _started(event: Event, data: Json) -> Told:
    pages = data.get("page_count", data.get("pages"))
    number = f": {count(pages, 'page')}" if isinstance(pages, int) else ""
    return f"The packet was opened{number}; what its answers depend on was pinned{_pins(data)}", frozenset(
        {"page_count", "pages", "manifest"}
    )


def _pins(data: Json) -> str:
    manifest = data.get("manifest")
    if not isinstance(manifest, dict):
        return ""
    taxonomy = manifest.get("taxonomy") or {}
    return f": taxonomy {taxonomy.get('name')} version {taxonomy.get('version')}, model {manifest.get('model')}"


def _called(event: Event, data: Json) -> Told:
    attempts = data.get("attempts", data.get("attempt"))
    again = f", attempt {attempts}" if isinstance(attempts, int) and attempts > 1 else ""
    tool = event.tool or "a tool"
    words = f"{_TOOLS[tool]} ({tool})" if tool in _TOOLS else f"Called {tool}"
    return words + again, frozenset({"attempts", "attempt"})


def _classified(event: Event, data: Json) -> Told:
    label = data.get("label")
    said = f"Said: {plain(label)}{_scored(data.get('score'))}" if isinstance(label, str) else "Could give no label"
    start, known = data.get("start"), {"label", "score"}
    start = start.get("score") if isinstance(start, dict) else start
    if isinstance(start, int | float):
        said += f"; begins a document ({score(float(start))})"
        known.add("start")
    if isinstance(data.get("review_reasons"), list) and data["review_reasons"]:
        said += "; to review, because " + " and ".join(reason(str(code)) for code in data["review_reasons"])
        known.add("review_reasons")
    return said, frozenset(known)


def _boundary(event: Event, data: Json) -> Told:
    starts = data.get("starts_document", data.get("start"))
    confidence = data.get("confidence", data.get("start_confidence"))
    page = event.page if event.page is not None else data.get("page")
    if not isinstance(starts, bool):
        return f"Decided the boundary before page {page}", frozenset({"page"})
    said = f"Page {page} {'begins a document' if starts else 'continues the document before it'}"
    return said + _scored(confidence), frozenset({"starts_document", "start", "confidence", "start_confidence", "page"})


def _assembled(event: Event, data: Json) -> Told:
    label, pages = data.get("label"), sorted(_page_set(data.get("pages")))
    name = plain(label) if isinstance(label, str) else "no label"
    where = f", {'page' if len(pages) == 1 else 'pages'} {page_ranges(pages)}" if pages else ""
    return f"Document {data.get('index', '?')}: {name}{where}{_scored(data.get('confidence'))}", frozenset(
        {"index", "label", "pages", "confidence"}
    )


def _evaluated(event: Event, data: Json) -> Told:
    status = {"pass": "holds", "fail": "does not hold", "unknown": "could not be judged"}.get(
        str(data.get("status")), "?"
    )
    return f"Rule {data.get('rule', '?')} {status}", frozenset({"rule", "status", "on"})


def _asked(event: Event, data: Json) -> Told:
    reasons = data.get("reasons", data.get("review_reasons"))
    if isinstance(reasons, list | tuple):
        return "A person is asked: " + "; ".join(reason(str(code)) for code in reasons), frozenset(
            {"reasons", "review_reasons"}
        )
    return "A person is asked", frozenset()


def _answered(event: Event, data: Json) -> Told:
    if isinstance(data.get("label"), str):
        return f"The reviewer said: {plain(data['label'])}", frozenset({"label"})
    if isinstance(data.get("starts_document"), bool):
        said = "begins a document" if data["starts_document"] else "continues the document before it"
        return f"The reviewer said: the page {said}", frozenset({"starts_document"})
    return "The reviewer decided", frozenset()


def _ended(event: Event, data: Json) -> Told:
    said = {
        "job.completed": "The job is complete",
        "job.rejected": "The document was rejected",
        "job.failed": "The job failed",
        "job.cancelled": "The job was cancelled",
    }[event.type]
    error = data.get("error")
    fields = error if isinstance(error, dict) else data
    if fields.get("message"):
        said += f": {fields['message']}"
        return said, frozenset({"message"} if fields is data else {})
    return said, frozenset()


_TELLERS: dict[str, Callable[[Event, Json], Told]] = {
    "job.submitted": _submitted,
    "job.started": _started,
    "page.tool_called": _called,
    "boundary.tool_called": _called,
    "page.classified": _classified,
    "boundary.decided": _boundary,
    "document.assembled": _assembled,
    "rule.evaluated": _evaluated,
    "review.requested": _asked,
    "review.decided": _answered,
    "job.completed": _ended,
    "job.rejected": _ended,
    "job.failed": _ended,
    "job.cancelled": _ended,
}


def _generic(event: Event) -> str:
    return plain(event.type).capitalize() + (f": {event.tool}" if event.tool else "")


def _facts(data: Json, known: frozenset[str], observation: Json) -> tuple[tuple[str, str], ...]:
    facts = _pairs({name: value for name, value in data.items() if name not in known})
    if isinstance(observation.get("ref"), str):
        facts += (("full result", short_hash(observation["ref"])),)
    return facts


def _pairs(values: Json) -> tuple[tuple[str, str], ...]:
    return tuple((plain(name), _value(value)) for name, value in values.items() if value not in (None, [], {}, ""))


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return ", ".join(f"{plain(str(name))} {_value(inner)}" for name, inner in value.items())
    if isinstance(value, list | tuple) and all(isinstance(page, int) for page in value):
        return page_ranges(value)
    if isinstance(value, list | tuple):
        return "; ".join(_value(inner) for inner in value)
    text = shorten(str(value), 300)
    return short_hash(text) if text.startswith("sha256:") else text


def _scored(value: object) -> str:
    return f" ({score(float(value))})" if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _data(event: Event) -> Json:
    return event.data or {}


def _page_set(pages: object) -> set[int]:
    return {page for page in pages if isinstance(page, int)} if isinstance(pages, list | tuple) else set()


def heading(events: Sequence[Event], packet: str) -> str:
    """`loan-7 · job 3f… · 412 steps · 2026-01-31 10:00:00 UTC`."""
    if not events:
        return packet
    return f"{packet} · job {events[0].job_id} · {count(len(events), 'step')} · {moment(events[0].at)} UTC"
