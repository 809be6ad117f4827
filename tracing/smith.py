"""The same spans to LangSmith, as runs, together with those that LangGraph makes by itself where it is on.

Both go through one client, which hides inputs, outputs and the words of errors unless page content is asked for.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import langsmith
import requests
from langsmith.run_helpers import get_current_run_tree, tracing_context
from langsmith.run_trees import RunTree
from urllib3.util import Retry

from tracing.names import EXECUTE_TOOL, RETRIEVAL
from tracing.span import Beginning, Recording, Value

CONNECT_S, READ_S = 2.0, 5.0
"""The client's threads hold the process back until their last request is over: no request may take long."""
RUN_TYPES = {EXECUTE_TOOL: "tool", RETRIEVAL: "retriever"}
"""The others are chains. A chat too: the model's own run within it is the one that counts tokens."""


class LangSmith:
    """The Receiver port. Address, key and project are LangSmith's own variables."""

    def __init__(self, content: bool) -> None:
        self._session = _Session()
        self._client = langsmith.Client(
            session=self._session,
            retry_config=Retry(0),
            hide_inputs=None if content else True,  # None: as its own variables say
            hide_outputs=None if content else True,
            anonymizer=None if content else _without_words,
            tracing_mode="langsmith",  # by OTLP it would send its own spans beside ours
            disable_prompt_cache=True,
        )
        langsmith.configure(client=self._client)  # the one that LangGraph's own tracer takes

    def begin(self, beginning: Beginning, parent: Recording | None) -> Recording:
        # LangGraph's run of the present node lies between ours and the one around.
        around = get_current_run_tree() or (parent.run if isinstance(parent, _Recording) else None)
        run_type: Any = RUN_TYPES.get(beginning.operation, "chain")
        extra = {"metadata": dict(beginning.place)}
        run = (
            RunTree(name=beginning.name, run_type=run_type, extra=extra, ls_client=self._client)
            if around is None
            else around.create_child(beginning.name, run_type, extra=extra)
        )
        run.post()
        return _Recording(beginning, run, tracing_context(parent=run, client=self._client))

    def close(self, within_s: float) -> None:
        self._client.flush(timeout=within_s)
        self._session.over.set()
        self._client.close(timeout=0)


class _Recording:
    """The Recording port. A run's place is told when it begins, and runs within inherit it; the rest when it ends."""

    def __init__(self, beginning: Beginning, run: RunTree, within: AbstractContextManager[None]) -> None:
        self.run = run
        self._attributes: dict[str, Value] = dict(beginning.attributes)
        self._within = within
        within.__enter__()

    def set(self, attributes: Mapping[str, Value]) -> None:
        self._attributes.update(attributes)

    def event(self, name: str, attributes: Mapping[str, Value]) -> None:
        self.run.add_event({"name": name, "time": datetime.now(UTC).isoformat(), "kwargs": dict(attributes)})

    def asked(self, content: object) -> None:
        self.run.add_inputs({"asked": content})

    def answered(self, content: object) -> None:
        self.run.add_outputs({"answered": content})

    def end(self, error: str | None) -> None:
        self._within.__exit__(None, None, None)
        self.run.add_metadata(self._attributes)
        self.run.end(error=error)
        self.run.patch(exclude_inputs=not self.run.inputs)
        self.run.child_runs.clear()  # sent already; kept, they would hold the words of every page until the packet ends


class _Session(requests.Session):
    """Sends nothing any more once the command is over: what is still queued then is dropped."""

    def __init__(self) -> None:
        super().__init__()
        self.over = threading.Event()

    def request(self, *arguments: Any, **named: Any) -> requests.Response:
        if self.over.is_set():
            raise requests.ConnectionError("the command is over")
        return super().request(*arguments, **{**named, "timeout": (CONNECT_S, READ_S)})


def _without_words(part: dict[str, Any]) -> dict[str, Any]:
    """Shown metadata, which holds no page content, or `{"error": repr and traceback}`, of which only the kind stays."""
    if part.keys() != {"error"}:
        return part
    kind = re.match(r"[\w.]+", str(part["error"]))
    return {"error": kind.group() if kind else "error"}
