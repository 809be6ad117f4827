"""The closing table of a run: its documents, what waits for a person, what fails, what it took, where the files are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from store.records import Failure, Finding, PageDecision, Result, Usage
from views.groups import LabelGroups
from views.wording import count, money, page_ranges, reason, score, seconds, shorten, status, visible

_STATUS_STYLE = {"completed": "bold green", "needs_review": "bold yellow", "rejected": "bold red", "failed": "bold red"}
_REVIEW_LINES = 20
REASON_LINES = 2
"""Lines for a document's rationale; the report has all of it."""


def show(result: Result, out: Path | None, groups: LabelGroups, console: Console) -> None:
    """Print a result for people. `out` is the folder it was written to, if any."""
    console.print()
    console.print(_headline(result))
    for trouble in filter(None, (result.error, result.partial)):
        console.print(failure(trouble))
    if result.documents:
        console.print(_documents(result, groups, console.width))
    told = [*_waiting(result), *_failing(result.findings), *_tiers(result), usage_line(result.usage)]
    for line in [*told, *_files(out)]:
        console.print(line)


def _headline(result: Result) -> Text:
    line = Text.assemble((visible(result.packet), "bold"), "  ", (status(result.status), _STATUS_STYLE[result.status]))
    if result.pages:
        line.append(f"  {count(len(result.pages), 'page')} in {count(len(result.documents), 'document')}")
    return line


def failure(error: Failure) -> Text:
    """A failure with its code and what to do next."""
    return Text.assemble((f"{error.code}: ", "bold red"), visible(error.message), ("\n→ " + visible(error.advice), ""))


def _documents(result: Result, groups: LabelGroups, width: int) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("#", justify="right", style="dim", no_wrap=True)
    table.add_column("document", no_wrap=True, max_width=32)
    table.add_column("pages", no_wrap=True)
    table.add_column("sure", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("because", min_width=16)
    ranges = [shorten(page_ranges(document.pages), 20) for document in result.documents]
    named = min(32, 2 + max(len(groups.name(document.label)) for document in result.documents))
    room = max(16, width - named - max(map(len, ranges)) - 32)
    for document, pages in zip(result.documents, ranges, strict=True):
        label = Text.assemble(("■ ", groups.colour(document.label).terminal), groups.name(document.label))
        review = Text("! review", style="bold yellow") if document.needs_review else Text("")
        why = Text(shorten(document.rationale, REASON_LINES * room), style="dim")
        table.add_row(str(document.index), label, pages, score(document.confidence), review, why)
    return table


def _waiting(result: Result) -> list[Text]:
    doubtful = [page for page in result.pages if page.needs_review]
    if not doubtful:
        return []
    lines = [Text(f"{count(len(doubtful), 'page')} to review", style="bold yellow")]
    for pages, reasons in _by_reasons(doubtful)[:_REVIEW_LINES]:
        where = f"{'page' if len(pages) == 1 else 'pages'} {page_ranges(pages)}"
        lines.append(Text(f"  ! {where}: {visible('; '.join(map(reason, reasons))) or 'no reason given'}"))
    return lines


def _by_reasons(pages: Sequence[PageDecision]) -> list[tuple[list[int], tuple[str, ...]]]:
    """Pages that wait for the same reasons, together."""
    together: dict[tuple[str, ...], list[int]] = {}
    for page in pages:
        together.setdefault(page.review_reasons, []).append(page.page)
    return [(numbers, reasons) for reasons, numbers in together.items()]


def _failing(findings: Sequence[Finding]) -> list[Text]:
    failing = [finding for finding in findings if finding.status == "fail"]
    unknown = sum(finding.status == "unknown" for finding in findings)
    style = {"info": "cyan", "warning": "yellow", "error": "red"}
    lines = [
        Text.assemble(
            (f"  {finding.severity}: ", style[finding.severity]),
            visible(finding.message),
            (f" (pages {page_ranges(finding.pages)})" if finding.pages else "", "dim"),
            (f"  {finding.rule}", "dim"),
        )
        for finding in failing
    ]
    if lines:
        lines.insert(0, Text(count(len(failing), "rule fails", "rules fail"), style="bold"))
    if unknown:
        lines.append(Text(f"  {count(unknown, 'rule')} could not be judged: a fact is missing", style="dim"))
    return lines


def _tiers(result: Result) -> list[Text]:
    """What each model of the route decided, and what it took; nothing where there is one model."""
    if len(result.tiers) < 2:
        return []
    pages = max(1, len(result.pages))
    lines = []
    for tier in result.tiers:
        parts = [f"  {tier.model} decided {count(tier.pages, 'page')} ({tier.pages / pages:.0%})"]
        if tier.usage.model_calls:
            tokens = tier.usage.input_tokens + tier.usage.output_tokens
            parts.append(f"{100 * tier.usage.model_calls / pages:.0f} calls per 100 pages")
            parts.append(f"{tokens / pages:,.0f} tokens and {money(_each(tier.usage.cost_usd, pages))} a page")
        lines.append(Text(", ".join(parts)))
    return [Text("models", style="bold"), *lines]


def _each(usd: float | None, pages: int) -> float | None:
    return None if usd is None else usd / pages


def usage_line(usage: Usage) -> Text:
    """What a run has spent, on one line."""
    parts = [seconds(usage.wall_s)]
    if usage.model_calls or usage.cached_calls:
        parts.append(count(usage.model_calls, "model call"))
        if usage.cached_calls:
            parts.append(f"{count(usage.cached_calls, 'answer')} of earlier jobs")
        if usage.lost_calls:
            parts.append(f"{count(usage.lost_calls, 'call')} lost in a crash")
        parts.append(f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out")
        parts.append(money(usage.cost_usd))
    else:
        parts.append("no model call")
    return Text(" · ".join(parts), style="dim")


def _files(out: Path | None) -> list[Text]:
    if out is None:
        return []
    written = [name for name in ("report.html", "result.json", "audit.jsonl", "documents") if (out / name).exists()]
    return [Text.assemble(("files  ", "dim"), f"{out}/", ("{" + ",".join(written) + "}" if written else "", ""))]
