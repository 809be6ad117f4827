"""A provider on loopback that speaks OpenAI chat completions, does what its brain says, and logs what it saw.

POST /v1/chat/completions   GET /v1/models
GET  /control/calls         every call so far, as JSON
GET  /control/counts        how many calls, answered ones, and those at work
POST /control/reset         forget the calls
POST /control/outage        {"seconds": 30 or null, "kind": "503" or "reset" or "silent"}; {"seconds": 0} ends it
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import time
from collections.abc import Mapping
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

from tests.provider.answers import (
    Answer,
    Body,
    Brain,
    Cut,
    Late,
    Reply,
    Reset,
    Script,
    Silent,
    Status,
    Step,
    bad_request,
    status,
)
from tests.provider.asked import Asked
from tests.provider.calls import Call, CallLog, Calls, Outcome
from tests.provider.completion import events, spent, whole
from tests.provider.connection import Connection, HttpRequest
from tests.provider.prefix_cache import PrefixCache

JSON = "application/json"
OUTAGES: Mapping[str, Answer] = {"503": status(503), "reset": Reset(), "silent": Silent()}
STEPS = 20
"""Of the event loop, more than lie between a client's closing and the log's last word on it."""
MODELS = ("gpt-5-mini", "gpt-5")


class Provider:
    """The server's state: set `brain` at any time, read `calls` at any time, from any thread."""

    def __init__(
        self, brain: Brain, *, delay_s: float = 0.0, log: Path | None = None, prefix_cache: bool = False
    ) -> None:
        self.brain = brain
        self.delay_s = delay_s
        """Time from a request's arrival to the beginning of its reply; errors come at once."""
        self.mistakes: list[Exception] = []
        """What brains raised: the mistakes of a test."""
        self.scripts: list[Script] = []
        """Every script that was played."""
        self.port = 0
        self._log = CallLog(log)
        self._prefixes = PrefixCache() if prefix_cache else None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._down_until = 0.0
        self._outage = "503"
        self._connections: set[Connection] = set()

    @property
    def url(self) -> str:
        """For `OPENAI_BASE_URL`."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def environment(self) -> dict[str, str]:
        """What makes a client come here."""
        return {"OPENAI_API_KEY": "test", "OPENAI_BASE_URL": self.url}

    @property
    def calls(self) -> Calls:
        """Every call so far, those at work included; what a client has already seen the end of has ended here too."""
        if self._loop is not None and self._loop.is_running() and not self._is_here(self._loop):
            asyncio.run_coroutine_threadsafe(self._catch_up(), self._loop).result(10)
        return self._log.calls()

    def script(self, *steps: Step) -> Script:
        """Play these steps from now on."""
        played = Script(list(steps))
        self.scripts.append(played)
        self.brain = played
        return played

    def check(self) -> None:
        """Raise what a brain raised, or ScriptMistake where a script was not played to its end."""
        if self.mistakes:
            raise self.mistakes[0]
        for script in self.scripts:
            script.assert_used_up()

    def reset(self) -> None:
        """Forget the calls; what a brain remembers is its own."""
        self._log.reset()

    def outage(self, seconds: float | None = None, kind: str = "503") -> None:
        """Answer nothing but `kind` (503, reset, silent) for some seconds, or until `outage(0)`."""
        if kind not in OUTAGES:
            raise ValueError(f"no outage of kind {kind!r}: use {', '.join(OUTAGES)}")
        self._outage = kind
        self._down_until = math.inf if seconds is None else time.monotonic() + seconds

    # ── life ──

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; port 0 takes a free one."""
        self._loop = asyncio.get_running_loop()
        self._server = await self._loop.create_server(
            lambda: Connection(self._serve, self._connections), "127.0.0.1", port, backlog=1024
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close every connection, and put down what was still at work as stopped."""
        self._server.close()
        open_ones = list(self._connections)
        tasks = [connection.task for connection in open_ones if connection.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in open_ones:
            connection.transport.abort()
            await connection.wait_for_leaving()
        await self._server.wait_closed()
        self._log.shut()

    def _is_here(self, loop: asyncio.AbstractEventLoop) -> bool:
        """True in the server's own thread, where a brain works."""
        try:
            return asyncio.get_running_loop() is loop
        except RuntimeError:
            return False

    async def _catch_up(self) -> None:
        """Let every task that has something to do on its way to the log do it: none needs more steps than this."""
        for _ in range(STEPS):
            await asyncio.sleep(0)

    # ── one request ──

    async def _serve(self, request: HttpRequest, connection: Connection) -> None:
        if (request.method, request.path) == ("POST", "/v1/chat/completions"):
            await self._chat(request, connection)
        elif request.path.startswith("/control/"):
            try:
                told = await self._control(request)
            except (TypeError, ValueError) as error:
                await connection.answer(400, _error(bad_request(str(error))), JSON)
            else:
                await connection.answer(200, json.dumps(told).encode(), JSON)
        elif (request.method, request.path) == ("GET", "/v1/models"):
            models = [{"id": name, "object": "model", "created": 1, "owned_by": "test"} for name in MODELS]
            await connection.answer(200, json.dumps({"object": "list", "data": models}).encode(), JSON)
        else:
            await connection.answer(404, _error(status(404, error_code="unknown_url")), JSON)

    async def _chat(self, request: HttpRequest, connection: Connection) -> None:
        came = time.monotonic()
        asked, unreadable = _read(request)
        asked = Asked(asked.body, asked.sha256, asked.headers, self._log.next_attempt(asked.slot))
        call = self._log.open(_call(asked, came))
        ended: dict[str, Any] = {"outcome": "stopped"}  # unless it ends in another way before the server does
        try:
            answer = self._decide(asked, unreadable)
            ended = await self._give(answer, asked, connection, came, call.number)
        except Exception as mistake:  # the test's own: tell it, and do not let the client wait
            self.mistakes.append(mistake)
            ended = {"outcome": "unscripted", "what": type(mistake).__name__, "status": 400}
            await connection.answer(400, _error(bad_request(f"{type(mistake).__name__}: {mistake}")), JSON)
        finally:
            left = connection.left
            self._log.close(call.model_copy(update={**ended, "bytes": connection.sent, "client_left": left}))

    def _decide(self, asked: Asked, unreadable: str | None) -> Answer:
        if time.monotonic() < self._down_until:
            return OUTAGES[self._outage]
        complaint = unreadable or asked.complaint()
        return bad_request(complaint) if complaint else self.brain(asked)

    async def _give(
        self, answer: Answer, asked: Asked, connection: Connection, came: float, number: int
    ) -> dict[str, Any]:
        """Send an answer; return what the log shall say of it."""
        wait = self.delay_s if isinstance(answer, Reply | Cut) else 0.0
        if isinstance(answer, Late):
            wait, answer = answer.seconds, answer.answer
        wait -= time.monotonic() - came
        if wait > 0 and await connection.wait_for_leaving(wait):
            return {"outcome": "left", "what": answer.what}
        tag = [("x-request-id", f"req_{number}")]
        match answer:
            case Reply():
                if self._prefixes is not None:
                    answer = replace(answer, cached_tokens=self._prefixes.cached_tokens(asked))
                return await _reply(answer, asked, connection, tag)
            case Status():
                return await _status(answer, connection, tag)
            case Body():
                await connection.answer(answer.code, answer.content, answer.media_type, tag)
                return {"outcome": "fault", "what": answer.what, "status": answer.code}
            case Cut():
                await _cut(answer, asked, connection, tag)
                return {"outcome": "fault", "what": answer.what, "status": 200}
            case Silent():
                await connection.wait_for_leaving()
            case Reset():
                connection.reset()
        return {"outcome": "fault", "what": answer.what}

    # ── control ──

    async def _control(self, request: HttpRequest) -> dict[str, Any]:
        """Raise ValueError or TypeError for what cannot be done."""
        match request.method, request.path.removeprefix("/control/"):
            case "GET", "calls":
                await self._catch_up()
                return {"calls": [call.model_dump(mode="json") for call in self._log.calls()]}
            case "GET", "counts":
                await self._catch_up()
                calls = self._log.calls()
                return {"calls": len(calls), "answered": len(calls.answered), "at_work": self._log.at_work}
            case "POST", "reset":
                self.reset()
            case "POST", "outage":
                self.outage(**json.loads(request.body or b"{}"))
            case method, what:
                raise ValueError(f"no such control: {method} {what}")
        return {}


def _read(request: HttpRequest) -> tuple[Asked, str | None]:
    """The request, and why it cannot be read."""
    sha256 = hashlib.sha256(request.body).hexdigest()
    try:
        body = json.loads(request.body)
    except ValueError as error:
        return Asked({}, sha256, request.headers), f"We could not parse the JSON body of your request: {error}"
    if not isinstance(body, dict):
        return Asked({}, sha256, request.headers), "Invalid body: expected an object."
    return Asked(body, sha256, request.headers), None


def _call(asked: Asked, came: float) -> Call:
    return Call(
        number=0,
        at=came,
        wall=0,
        key=asked.key,
        attempt=asked.attempt,
        job=asked.headers.get("x-pagetrail-job"),
        page=asked.headers.get("x-pagetrail-page"),
        turn=asked.headers.get("x-pagetrail-turn"),
        model=asked.model,
        body_sha256=asked.sha256,
        stream=asked.stream,
        images=asked.image_count,
        prompt_characters=asked.prompt_characters,
        concurrency=0,
    )


async def _reply(reply: Reply, asked: Asked, connection: Connection, tag: list[tuple[str, str]]) -> dict[str, Any]:
    if asked.stream:
        connection.begin(200, [("content-type", "text/event-stream"), *tag], None)
        for event in events(reply, asked):
            await connection.write(event)
        taken = await connection.end()
    else:
        taken = await connection.answer(200, whole(reply, asked), JSON, tag)
    outcome: Outcome = "answered" if taken else "left"
    cost = spent(reply, asked)
    tokens = {"prompt_tokens": cost.prompt, "cached_tokens": cost.cached, "completion_tokens": cost.completion}
    return {"outcome": outcome, "what": reply.what, "status": 200, **(tokens if reply.usage else {})}


async def _status(answer: Status, connection: Connection, tag: list[tuple[str, str]]) -> dict[str, Any]:
    headers, wait = list(tag), None
    if answer.retry_after_s is not None:
        told, wait = _retry_after(answer.retry_after_s, answer.as_date)
        headers.append(("retry-after", told))
    await connection.answer(answer.code, _error(answer), JSON, headers)
    return {"outcome": "fault", "what": answer.what, "status": answer.code, "retry_after_s": wait}


def _retry_after(seconds: int, as_date: bool) -> tuple[str, float]:
    """The header, and how long it asks to wait from now: a date is the first whole second not before that."""
    if not as_date:
        return str(seconds), float(seconds)
    now = time.time()
    moment = math.ceil(now + seconds)
    return formatdate(moment, usegmt=True), moment - now


async def _cut(answer: Cut, asked: Asked, connection: Connection, tag: list[tuple[str, str]]) -> None:
    """Promise the whole, send a part, close."""
    if asked.stream:
        told = events(answer.reply, asked)
        connection.begin(200, [("content-type", "text/event-stream"), *tag], None)
        for event in told[: int(len(told) * answer.share)]:
            await connection.write(event)
    else:
        body = whole(answer.reply, asked)
        connection.begin(200, [("content-type", JSON), *tag], len(body))
        await connection.write(body[: int(len(body) * answer.share)])
    connection.close()


def _error(answer: Status) -> bytes:
    told = {"message": answer.message, "type": answer.type, "param": None, "code": answer.error_code}
    return json.dumps({"error": told}).encode()
