"""The command line with a receiver, without one, and with one that is away."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PAGES, ROOT, SMALL_TAXONOMY, DrawPdf, StartPagetrail
from tests.provider.nowhere import full_port, refused_port
from tests.tracing.receivers import LangSmith, Otlp, Received, Seen, langsmith_receiver, otlp_receiver
from tracing import names
from tracing.otlp import trace_id
from tracing.receivers import FLUSH_S

WORDS = [b"Rivera", b"Sincerely", b"Social security wages", b"governing law"]
"""Words of the pages, none of which stands in a name, a schema or a setting."""
WAITS_FOR_REVIEW = 10


@dataclass(frozen=True)
class Ran:
    """A command that is over, and what the receivers have of it."""

    home: Path
    job: str
    told: str
    otlp: Otlp
    langsmith: LangSmith

    def received(self, by: str) -> Received:
        return self.otlp if by == "otlp" else self.langsmith

    def spans(self, by: str) -> Sequence[Seen]:
        return self.otlp.spans if by == "otlp" else self.langsmith.spans


@pytest.fixture(scope="module")
def run(
    tmp_path_factory: pytest.TempPathFactory, draw_pdf: DrawPdf, start_pagetrail: StartPagetrail
) -> Callable[..., Any]:
    """`run(**environment)`: classify a packet with labelled pages to compare with; its folder, job and stderr."""

    def classify(**environment: str) -> tuple[Path, str, str]:
        folder = tmp_path_factory.mktemp("run")
        (folder / "taught" / "letter").mkdir(parents=True)
        draw_pdf(folder / "taught" / "letter" / "one.pdf", [["Dear Mr Nobody,", "until next week.", "Yours, Nobody"]])
        packet = draw_pdf(folder / "packet.pdf", PAGES)
        command = start_pagetrail(
            folder / "home",
            *("classify", packet, "--out", folder / "out", "--taxonomy", SMALL_TAXONOMY),
            *("--examples", folder / "taught"),
            **environment,
        )
        _, told = command.communicate(timeout=120)
        assert command.returncode == WAITS_FOR_REVIEW, told
        return folder, json.loads((folder / "out" / "result.json").read_text())["job_id"], told

    return classify


@pytest.fixture(scope="module", params=[False, True], ids=["hidden", "asked for"])
def ran(request: pytest.FixtureRequest, run: Callable[..., Any]) -> Iterator[tuple[Ran, bool]]:
    """One run with both receivers, without page content and with it."""
    content = {"PAGETRAIL_TRACE_CONTENT": "true"} if request.param else {}
    with otlp_receiver() as otlp, langsmith_receiver() as langsmith:
        folder, job, told = run(**otlp.environment, **langsmith.environment, **content)
        yield Ran(folder / "home", job, told, otlp, langsmith), request.param


RECEIVERS = pytest.mark.parametrize("by", ["otlp", "langsmith"])


@RECEIVERS
def test_words_of_pages_go_along_only_where_they_are_asked_for(ran: tuple[Ran, bool], by: str) -> None:
    """In every byte that a receiver was sent, and nothing is said on the terminal."""
    done, content = ran
    received = done.received(by)
    assert len(received.raw) > 1000
    assert {word: word in received.raw for word in WORDS} == dict.fromkeys(WORDS, content)
    assert "race" not in done.told.replace("pagetrail", "")


@RECEIVERS
def test_spans_are_the_tree_of_the_packet(ran: tuple[Ran, bool], by: str) -> None:
    """One packet, its pages within, turns and tools within those, and a look-up within the tool that makes it."""
    done, _ = ran
    spans = done.spans(by)
    ours = {span.id: span for span in spans if names.OPERATION in span.attributes}
    parents = {span.id: span.parent for span in spans}

    def around(span: Seen) -> str:
        """The operation of the nearest span of ours around it; LangSmith has LangGraph's own runs between."""
        parent = span.parent
        while parent is not None and parent not in ours:
            parent = parents[parent]
        return "" if parent is None else str(ours[parent].attributes[names.OPERATION])

    found = {(str(span.attributes[names.OPERATION]), around(span)) for span in ours.values()}
    assert found == {
        ("invoke_workflow", ""),
        ("invoke_agent", "invoke_workflow"),
        ("chat", "invoke_agent"),
        ("execute_tool", "invoke_agent"),
        ("retrieval", "execute_tool"),
    }
    pages = [span for span in ours.values() if span.attributes[names.OPERATION] == "invoke_agent"]
    assert sorted(span.attributes[names.PAGE] for span in pages) == [1, 2, 3, 4]
    assert all(span.attributes[names.JOB] == done.job and span.took_s > 0 for span in ours.values())
    assert all(span.attributes[names.TENANT] == "default" for span in ours.values())
    assert len({span.trace for span in spans}) == 1
    assert all(span.error is None for span in ours.values())


def test_the_trace_is_found_by_the_job(ran: tuple[Ran, bool]) -> None:
    """Its id is computed from the job's: whoever reads the trail can open the trace."""
    done, _ = ran
    assert {span.trace for span in done.otlp.spans} == {f"{trace_id(done.job):032x}"}


@RECEIVERS
def test_each_tool_span_has_its_line_in_the_trail(ran: tuple[Ran, bool], by: str) -> None:
    """By the key of the event, which says the same of tool and page; each line has its span."""
    done, _ = ran
    with sqlite3.connect(done.home / "pagetrail.db") as database:
        rows = database.execute("SELECT key, line FROM events WHERE job_id = ?", (done.job,)).fetchall()
    lines = {key: json.loads(line) for key, line in rows}
    wanted = {key: (line["tool"], line["page"]) for key, line in lines.items() if line["type"] == "page.tool_called"}
    tools = [span for span in done.spans(by) if span.attributes.get(names.OPERATION) == "execute_tool"]
    found = {
        span.attributes[names.EVENT_KEY]: (span.attributes[names.TOOL_NAME], span.attributes[names.PAGE])
        for span in tools
    }
    assert len(found) == len(tools) > 4
    assert found == wanted


def test_runs_that_langgraph_makes_know_their_page(ran: tuple[Ran, bool]) -> None:
    """LangSmith's own runs of nodes and models carry job and page too, so that a page can be searched for."""
    done, _ = ran
    runs = [span for span in done.langsmith.spans if span.name in {"think", "LocalPolicy"}]
    assert len(runs) >= 8
    assert {span.attributes[names.PAGE] for span in runs} == {1, 2, 3, 4}
    assert {span.attributes[names.JOB] for span in runs} == {done.job}


# ── nobody there ─────────────────────────────────────────────────────────────────────────────────

WITNESS = """
import os, sys
def saw(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        with open(os.environ["WITNESS"], "a") as file:
            file.write(f"{arguments[1][0]}:{arguments[1][1]}\\n")
sys.addaudithook(saw)
"""
"""Loaded by every Python process of the command: writes down each address that is connected to."""


def test_without_a_receiver_nothing_leaves_the_machine(run: Callable[..., Any], tmp_path: Path) -> None:
    """No connection is made at all. With a receiver, the one that is made is to it."""
    (tmp_path / "sitecustomize.py").write_text(WITNESS)
    witness = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "WITNESS": str(tmp_path / "off")}
    run(**witness, LANGSMITH_API_KEY="lsv2_test", LANGSMITH_TRACING="false")
    assert not (tmp_path / "off").exists()

    with otlp_receiver() as otlp:
        run(**{**witness, "WITNESS": str(tmp_path / "on")}, **otlp.environment)
    assert {f"http://{address}" for address in (tmp_path / "on").read_text().split()} == {otlp.url}


@contextmanager
def away(nobody: Callable[[], AbstractContextManager[str]]) -> Iterator[dict[str, str]]:
    with nobody() as url:
        yield {**Otlp(url).environment, **LangSmith(url).environment}


@contextmanager
def hanging() -> Iterator[dict[str, str]]:
    with otlp_receiver() as otlp, langsmith_receiver() as langsmith:
        otlp.answers.clear()
        langsmith.answers.clear()
        yield {**otlp.environment, **langsmith.environment}


@pytest.mark.parametrize(
    "receivers",
    [partial(away, refused_port), partial(away, full_port), hanging],
    ids=["refused", "silent", "never done"],
)
def test_a_command_ends_as_ever_where_its_receivers_are_away(
    run: Callable[..., Any], receivers: Callable[[], AbstractContextManager[dict[str, str]]]
) -> None:
    """The same exit code and result, a line that says so, and no process that waits for the receivers."""
    with receivers() as environment:
        folder, _, told = run(**environment)
        waited = time.time() - (folder / "out" / "report.html").stat().st_mtime
    assert told.count("Traces may be missing") == 2, "once for each of them"
    assert "Traceback" not in told
    assert waited < FLUSH_S + 8, "the last thing that was written is the report"
