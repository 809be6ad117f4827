"""Hold pages, documents and packet against the taxonomy's rules. A rule without its facts is unknown, not passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from langgraph.runtime import Runtime

from graph.packet.run import PacketRun
from graph.state import PacketState
from store.records import Assembled, DocumentDecision, EventDraft, Finding, PageVerdict
from taxonomy import Rule, evaluate


async def check(state: PacketState, runtime: Runtime[PacketRun]) -> dict[str, Any]:
    run = runtime.context
    packet = await run.assembled(state["assembled"])
    verdicts = await run.store.jobs.verdicts(state["job_id"])
    findings = findings_of(packet, verdicts, run.taxonomy.rules)
    events = [_event(finding, at, state["decided"]) for at, finding in enumerate(findings)]
    await run.store.events.append(state["job_id"], events)
    return {"assembled": await run.keep(packet.model_copy(update={"findings": tuple(findings)}))}


def findings_of(packet: Assembled, verdicts: Sequence[PageVerdict], rules: Sequence[Rule]) -> list[Finding]:
    """Outcome of every rule that applies: about the packet, each document, each page."""
    identities = {verdict.page: verdict.identity for verdict in verdicts}
    findings = _outcomes("packet", _packet_facts(packet), rules, ())
    for document in packet.documents:
        identity: dict[str, list[str]] = {}
        for number in document.pages:
            for key in identities[number]:
                identity.setdefault(key.kind, []).append(key.value)
        findings += _outcomes("document", _document_facts(document, identity), rules, document.pages)
    for page in packet.pages:
        facts = {"page": {"number": page.page, "label": page.label, "confidence": page.confidence}}
        findings += _outcomes("page", facts, rules, (page.page,))
    return findings


def _packet_facts(packet: Assembled) -> dict[str, Any]:
    counts = Counter(document.label for document in packet.documents if document.label is not None)
    return {"packet": {"documents": len(packet.documents), "labels": sorted(counts), "counts": dict(counts)}}


def _document_facts(document: DocumentDecision, identity: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "document": {
            "label": document.label,
            "pages": list(document.pages),
            "page_count": len(document.pages),
            "identity": identity,
        }
    }


def _outcomes(
    on: Literal["packet", "document", "page"], facts: dict[str, Any], rules: Sequence[Rule], pages: tuple[int, ...]
) -> list[Finding]:
    severities = {rule.id: rule.severity for rule in rules}
    return [
        Finding(
            rule=outcome.rule_id,
            on=on,
            severity=severities[outcome.rule_id],
            status=outcome.status,
            message=outcome.message,
            pages=pages,
        )
        for outcome in evaluate(rules, on, facts)
    ]


def _event(finding: Finding, at: int, rounds: int) -> EventDraft:
    return EventDraft(
        key=f"round:{rounds}:rule:{at}",
        type="rule.evaluated",
        actor="rules",
        page=finding.pages[0] if finding.pages else None,
        rationale=finding.message,
        data=finding.model_dump(mode="json", exclude={"message"}),
    )
