"""One way to open a span: what it tells, what it keeps to itself, what it costs where nobody listens."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import stamina
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableLambda
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv.attributes import error_attributes

import tracing
from agent.models import hang_up, openai_model
from agent.turn import Place, take_turn
from store.ports import Store
from tests.provider.answers import says, status
from tests.provider.nowhere import full_port, refused_port
from tests.provider.server import Provider
from tests.tracing.conftest import Watched
from tests.tracing.receivers import LangSmith, Otlp
from tools.escalate import EscalateArguments, EscalateToReview
from tools.toolbox import Toolbox, function_schema
from tracing import names
from tracing.otlp import trace_id
from tracing.receivers import FLUSH_S
from tracing.span import Beginning, Recording, Sending, send_to

SECRET = "Dear Ms Rivera"
TOOLS = [function_schema("escalate_to_review", "Ask a person.", EscalateArguments)]
ESCALATES = says(("escalate_to_review", {"rationale": f"It says {SECRET}.", "reason": "other"}))


def test_names_are_those_of_the_conventions() -> None:
    """Each name that is not our own stands in the installed conventions, and so does each operation."""
    attributes = [*vars(gen_ai_attributes).values(), *vars(error_attributes).values()]
    standard = {value for value in attributes if isinstance(value, str)}
    ours = [value for name, value in vars(names).items() if name.isupper() and isinstance(value, str)]
    shared = [value for value in ours if value.startswith(("gen_ai.", "error."))]
    assert len(shared) > 10
    assert {*shared, *names.ASKED.values(), *names.ANSWERED.values()} <= standard
    operations = {operation.value for operation in gen_ai_attributes.GenAiOperationNameValues}
    assert {names.INVOKE_WORKFLOW, names.INVOKE_AGENT, names.CHAT, names.EXECUTE_TOOL, names.RETRIEVAL} <= operations


# ── off ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_span_that_nobody_listens_to_costs_next_to_nothing() -> None:
    """At most 5 µs, with attributes, what is told later and content that is never made."""

    def once() -> None:
        with tracing.span(names.CHAT, "local", {names.REQUEST_MODEL: "local"}) as span:
            span.asked(lambda: pytest.fail("content was made for nobody"))
            span.set({names.CALL_KEY: "key"})
        tracing.about({names.TURN: 1})

    assert min(timeit.repeat(once, number=1000, repeat=20)) / 1000 < 5e-6


def test_off_imports_nothing() -> None:
    """Neither the SDK nor the exporter nor LangSmith is imported for the sake of spans that go nowhere."""
    script = "import sys, tracing\nwith tracing.span('chat', 'local'): print(*sys.modules)"
    root = Path(__file__).parents[2]
    said = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    imported = {name.partition(".")[0] for name in said.stdout.split()}
    assert "tracing" in imported
    assert not imported & {"opentelemetry", "langsmith", "requests", "stamina"}


# ── what is told ─────────────────────────────────────────────────────────────────────────────────


def test_spans_within_lie_within_and_know_their_place(watched: Watched, otlp: Otlp, langsmith: LangSmith) -> None:
    """Parent and child, the place inherited, in both receivers; the trace is named by the job."""
    with (
        watched(otlp, langsmith),
        tracing.span(names.INVOKE_WORKFLOW, "packet", place={names.JOB: "job-1"}),
        tracing.span(names.INVOKE_AGENT, "page", {names.AGENT_NAME: None}, {names.PAGE: 3}),
        tracing.span(names.CHAT, "local") as chat,
    ):
        chat.set({names.COST_USD: None, names.INPUT_TOKENS: 7})

    for received in (otlp, langsmith):
        packet, page, turn = sorted(received.spans, key=lambda span: -span.took_s)
        assert [span.name for span in (packet, page, turn)] == [
            "invoke_workflow packet",
            "invoke_agent page",
            "chat local",
        ]
        assert (packet.parent, page.parent, turn.parent) == (None, packet.id, page.id)
        assert turn.attributes[names.JOB] == "job-1"
        assert turn.attributes[names.PAGE] == 3
        assert turn.attributes[names.INPUT_TOKENS] == 7
        assert turn.attributes[names.OPERATION] == names.CHAT
        assert names.PAGE not in packet.attributes
        assert names.AGENT_NAME not in page.attributes, "what is not known is not said"
        assert names.COST_USD not in turn.attributes
    assert {span.trace for span in otlp.spans} == {f"{trace_id('job-1'):032x}"}


async def test_tasks_do_not_tell_each_other_where_they_are(watched: Watched, otlp: Otlp) -> None:
    """What one task says of its spans holds for that task, and for the spans it opens from then on."""

    async def work(turn: int) -> None:
        tracing.about({names.TURN: turn})
        await asyncio.sleep(0)
        with tracing.span(names.CHAT, str(turn)):
            tracing.note({names.CALL_KEY: f"key-{turn}"})

    with watched(otlp), tracing.span(names.INVOKE_AGENT, "page"):
        await asyncio.gather(work(1), work(2))
    turns = {span.name: span.attributes for span in otlp.spans if names.TURN in span.attributes}
    assert {name: (told[names.TURN], told[names.CALL_KEY]) for name, told in turns.items()} == {
        "chat 1": (1, "key-1"),
        "chat 2": (2, "key-2"),
    }


@pytest.mark.parametrize("multipart", [True, False], ids=["multipart", "batch"])
@pytest.mark.parametrize("content", [False, True], ids=["hidden", "asked for"])
def test_words_of_errors_are_content(
    watched: Watched, otlp: Otlp, langsmith: LangSmith, content: bool, multipart: bool
) -> None:
    """An exception is the span's error by its kind; its words come along only where content is asked for.

    So it is with the runs that LangChain's own tracer makes, and by either of the ways LangSmith's client may send.
    """
    langsmith.multipart = multipart

    def fail(words: str) -> None:
        raise LookupError(words)

    with watched(otlp, langsmith, content=content):
        with pytest.raises(LookupError), tracing.span(names.CHAT, "local"):
            RunnableLambda(fail).invoke(SECRET)
        with pytest.raises(LookupError):
            RunnableLambda(fail).invoke(SECRET)  # within no span of ours

    assert set(langsmith.paths) == {"/runs/multipart" if multipart else "/runs/batch"}
    assert sorted(span.name for span in langsmith.spans) == ["chat local", "fail", "fail"]
    for received in (otlp, langsmith):
        assert received.bodies
        assert (SECRET.encode() in received.raw) == content
        assert all(span.error is not None and span.error.startswith("LookupError") for span in received.spans)
        assert [s.attributes[names.ERROR_TYPE] for s in received.spans if s.name == "chat local"] == ["LookupError"]


@pytest.mark.parametrize("content", [False, True], ids=["hidden", "asked for"])
async def test_a_turn_tells_tokens_cost_and_retries(
    watched: Watched, otlp: Otlp, langsmith: LangSmith, store: Store, provider: Provider, content: bool
) -> None:
    """Over real HTTP: the attempt that failed is an event of the span; what is served again is not counted again."""
    provider.script(status(503), ESCALATES)
    model = openai_model("gpt-5-mini", timeout_s=5, environment=provider.environment)

    with watched(otlp, langsmith, content=content), stamina.set_testing(True, attempts=3):
        asked = model, [HumanMessage(SECRET)], TOOLS, Place("job-1", 3, 0), store.journal
        first, again = await take_turn(*asked), await take_turn(*asked)
    await hang_up()

    assert again.replayed
    for received in (otlp, langsmith):
        paid, served = sorted(
            (span for span in received.spans if span.name == "chat gpt-5-mini"), key=lambda span: -span.took_s
        )
        assert paid.attributes[names.PROVIDER] == "openai"
        assert paid.attributes[names.CALL_KEY] == first.key == served.attributes[names.CALL_KEY]
        assert paid.attributes[names.INPUT_TOKENS] == first.usage.input_tokens > 0
        assert paid.attributes[names.OUTPUT_TOKENS] == first.usage.output_tokens > 0
        assert paid.attributes[names.COST_USD] == first.usage.cost_usd
        assert [(name, told[names.RETRY_NUMBER]) for name, told in paid.events if name == names.RETRY] == [("retry", 1)]
        assert served.attributes[names.REPLAYED] is True
        assert names.INPUT_TOKENS not in served.attributes
        assert (SECRET.encode() in received.raw) == content


async def test_a_tool_that_fails_is_an_error_by_its_kind(watched: Watched, otlp: Otlp) -> None:
    """What the model hears is an observation; the span says which kind. A name that a model made up is not repeated."""
    context: Any = None
    with watched(otlp):
        toolbox = Toolbox([EscalateToReview()])
        await toolbox.call("escalate_to_review", {"reason": SECRET, "rationale": "no such reason"}, context)
        await toolbox.call(SECRET, {}, context)
    assert [(span.name, span.error) for span in otlp.spans] == [
        ("execute_tool escalate_to_review", "invalid"),
        ("execute_tool unknown", "invalid"),
    ]
    assert SECRET.encode() not in otlp.raw


# ── receivers that do not receive ────────────────────────────────────────────────────────────────


class Broken:
    """A receiver that fails at everything, or whose spans do."""

    def __init__(self, begins: bool) -> None:
        self._begins = begins

    def begin(self, beginning: Beginning, parent: Recording | None) -> Recording:
        if self._begins:
            return BrokenRecording()
        raise RuntimeError("no")

    def close(self, within_s: float) -> None:
        raise RuntimeError("no")


class BrokenRecording:
    """A span that fails at everything."""

    def set(self, attributes: Any) -> None:
        raise RuntimeError("no")

    def event(self, name: str, attributes: Any) -> None:
        raise RuntimeError("no")

    def asked(self, content: object) -> None:
        raise RuntimeError("no")

    def answered(self, content: object) -> None:
        raise RuntimeError("no")

    def end(self, error: str | None) -> None:
        raise RuntimeError("no")


@pytest.mark.parametrize("begins", [False, True], ids=["receiver", "span"])
def test_a_receiver_that_breaks_breaks_nothing(begins: bool) -> None:
    """The work within a span goes on, whatever its receiver does."""
    send_to(Sending((Broken(begins),), content=True))
    try:
        with tracing.span(names.CHAT, "local") as span:
            span.set({names.CALL_KEY: "key"})
            span.event(names.RETRY, {names.RETRY_NUMBER: 1})
            span.asked(lambda: 1 / 0)
            span.answered(lambda: "words")
            done = True
    finally:
        send_to()
    assert done


@pytest.mark.parametrize("kind", [Otlp, LangSmith])
@pytest.mark.parametrize("nobody", [refused_port, full_port], ids=["refused", "silent"])
def test_a_receiver_that_is_away_delays_nothing(
    watched: Watched, kind: Callable[[str], Otlp | LangSmith], nobody: Callable[[], Any]
) -> None:
    """Spans cost nothing more, and the end waits for them no longer than it says."""
    with nobody() as url:
        began = time.monotonic()
        with watched(kind(url)):
            opened = time.monotonic()
            for _ in range(50):
                with tracing.span(names.CHAT, "local"):
                    pass
            worked = time.monotonic()
        ended = time.monotonic()
    assert worked - opened < 1
    assert ended - worked < FLUSH_S + 3
    assert opened - began < 5
