"""Hold pages, documents and packet against the taxonomy's rules. A rule without its facts is unknown, not passed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from langgraph.runtime import Runtime

from graph.packet.run import PacketRun
from graph.state import PacketState
from store.records import Assembled, DocumentDecision, EventDraft, Finding, IdentityKey, PageVerdict
from taxonomy import Rule, Taxonomy, document_facts, evaluate, packet_facts, page_facts


async def check(state: PacketState, runtime: Runtime[PacketRun]) -> dict[str, Any]:
    run = runtime.context
    packet = await run.assembled(state["assembled"])
    verdicts = await run.store.jobs.verdicts(state["job_id"])
    findings = findings_of(packet, verdicts, run.taxonomy)
    events = [_event(finding, at, state["decided"]) for at, finding in enumerate(findings)]
    await run.store.events.append(state["job_id"], events)
    return {"assembled": await run.keep(packet.model_copy(update={"findings": tuple(findings)}))}


def findings_of(packet: Assembled, verdicts: Sequence[PageVerdict], taxonomy: Taxonomy) -> list[Finding]:
    """Outcome of every rule that applies: about the packet, each document, each page."""
    identities = {verdict.page: verdict.identity for verdict in verdicts}
    documents = [
        document_facts(document.label, document.pages, _identity(document, identities)) for document in packet.documents
    ]
    findings = _outcomes("packet", packet_facts(taxonomy.labels, documents), taxonomy.rules, ())
    for document, facts in zip(packet.documents, documents, strict=True):
        findings += _outcomes("document", facts, taxonomy.rules, document.pages)
    for page in packet.pages:
        facts = page_facts(page.page, page.label, page.confidence)
        findings += _outcomes("page", facts, taxonomy.rules, (page.page,))
    return findings


def _identity(document: DocumentDecision, identities: Mapping[int, Sequence[IdentityKey]]) -> list[tuple[str, str]]:
    return [(key.kind, key.value) for page in document.pages for key in identities[page]]


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
