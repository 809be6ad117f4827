"""All that a provider can do to a request, as words for scripts: `says(…)`, `status(429, retry_after=2)`, `cut(…)`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.provider.asked import Asked

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """A reply of the model, sent whole or as a stream, as the request wishes."""

    calls: tuple[tuple[str, str], ...] = ()
    """Name and arguments of each call, the arguments as the text that the model wrote."""
    text: str | None = None
    refusal: str | None = None
    finish: str | None = None
    """`finish_reason`; by default `tool_calls` where there are calls, else `stop`."""
    usage: bool = True
    """Small servers tell no usage."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    """Estimated from the characters where not given."""
    cached_tokens: int = 0
    what: str = "reply"
    """Name in the log."""


@dataclass(frozen=True)
class Status:
    """An HTTP error in the form that OpenAI gives it."""

    code: int
    message: str
    type: str
    error_code: str | None = None
    retry_after_s: int | None = None
    as_date: bool = False
    """`Retry-After` as an HTTP date, which counts whole seconds."""

    @property
    def what(self) -> str:
        return f"{self.code} {self.error_code}" if self.error_code else str(self.code)


@dataclass(frozen=True)
class Body:
    """Bytes that are no chat completion, under a status of success or not."""

    content: bytes
    media_type: str
    code: int
    what: str


@dataclass(frozen=True)
class Silent:
    """Accept, read, and never answer."""

    what: str = "silent"


@dataclass(frozen=True)
class Reset:
    """Reset the connection instead of answering."""

    what: str = "reset"


@dataclass(frozen=True)
class Cut:
    """Close the connection in the middle of an answer."""

    reply: Reply
    share: float
    """Of the answer that is sent: of the events in a stream, else of the bytes."""
    what: str = "cut"


@dataclass(frozen=True)
class Late:
    """Any answer, after a time."""

    seconds: float
    answer: Reply | Status | Body | Silent | Reset | Cut

    @property
    def what(self) -> str:
        return self.answer.what


Answer = Reply | Status | Body | Silent | Reset | Cut | Late
Brain = Callable[[Asked], Answer]
"""Whatever decides what to answer: a script, a model of a page, a fault injector around either."""

VERDICT: Arguments = {
    "rationale": "The title says what it is.",
    "labels": [{"label": "letter", "score": 0.9}],
    "start": {"score": 0.9, "why": "It has a title."},
}
"""Arguments of `submit_verdict` that a test can vary: `verdict(label="w2")`."""


# ── replies of the model ─────────────────────────────────────────────────────────────────────────


def says(*calls: tuple[str, Arguments], text: str | None = None, **rest: Any) -> Reply:
    """A reply that calls tools, several at once if several are given: `says(("read_page", {"rationale": "…"}))`.

    `rest` are fields of `Reply`: `cached_tokens=1024`, `usage=False` …
    """
    return Reply(tuple((name, json.dumps(arguments)) for name, arguments in calls), text=text, **rest)


def verdict(label: str = "letter", score: float = 0.9, **parts: Any) -> Reply:
    """A sound `submit_verdict`; `parts` replace arguments of it."""
    return says(("submit_verdict", {**VERDICT, "labels": [{"label": label, "score": score}], **parts}))


def writes(content: Arguments | str, **rest: Any) -> Reply:
    """A reply in words or, from a mapping, in JSON, as `response_format` asks for."""
    return Reply(text=content if isinstance(content, str) else json.dumps(content), **rest)


def malformed(name: str = "submit_verdict", arguments: str = '{"rationale": "It says so", "labels": [{"label') -> Reply:
    """Arguments that are no JSON."""
    return Reply(((name, arguments),), what="malformed_arguments")


def unknown_tool(name: str = "delete_packet") -> Reply:
    return replace(says((name, {"rationale": "I would like to."})), what="unknown_tool")


def wrong_types(name: str = "submit_verdict") -> Reply:
    """JSON, but of other types than the schema asks for."""
    wrong = {"rationale": 7, "labels": "letter", "start": {"score": "high", "why": None}, "quotes": [["Dear"]]}
    return replace(says((name, wrong)), what="wrong_types")


def not_an_object(name: str = "submit_verdict", arguments: str = '["letter", 0.9]') -> Reply:
    """Arguments that are JSON but no object."""
    return Reply(((name, arguments),), what="not_an_object")


def outside_taxonomy(label: str = "grocery_list") -> Reply:
    """A verdict whose label is not in the enum."""
    return replace(verdict(label), what="outside_taxonomy")


def empty() -> Reply:
    """Neither words nor calls."""
    return Reply(text="", what="empty")


def refuses(words: str = "I'm sorry, I can't help with that.") -> Reply:
    return Reply(refusal=words, what="refusal")


def cut_off() -> Reply:
    """`finish_reason: length`: the tokens ran out in the middle of the arguments."""
    return replace(malformed(), finish="length", what="length")


def filtered() -> Reply:
    """`finish_reason: content_filter`: the provider struck the reply out."""
    return Reply(text="", finish="content_filter", what="content_filter")


def huge(size: int = 2_000_000, name: str = "submit_verdict") -> Reply:
    """Arguments of `size` bytes, sound but for their length."""
    padding = size - len(json.dumps({**VERDICT, "rationale": ""}))
    return replace(says((name, {**VERDICT, "rationale": "a" * padding})), what="huge_arguments")


# ── errors ───────────────────────────────────────────────────────────────────────────────────────

TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error", 529: "overloaded_error"}
WORDS = {
    401: "Incorrect API key provided.",
    403: "You are not allowed to use this model.",
    429: "Rate limit reached.",
    500: "The server had an error while processing your request.",
    502: "Bad gateway.",
    503: "The engine is currently overloaded, please try again later.",
    529: "Overloaded",
}


def status(
    code: int, *, retry_after: int | None = None, as_date: bool = False, error_code: str | None = None
) -> Status:
    """An error by its number. `retry_after` in seconds, sent as such or, `as_date`, as an HTTP date not before then."""
    kind = TYPES.get(code, "server_error" if code >= 500 else "invalid_request_error")
    return Status(code, WORDS.get(code, f"Error {code}."), kind, error_code, retry_after, as_date)


def bad_request(message: str = "Invalid request.", error_code: str | None = None) -> Status:
    return Status(400, message, "invalid_request_error", error_code)


def too_long(most: int = 8192) -> Status:
    return bad_request(f"This model's maximum context length is {most} tokens.", "context_length_exceeded")


def content_filtered() -> Status:
    """As Azure refuses a prompt."""
    return bad_request("The response was filtered due to the prompt triggering the content policy.", "content_filter")


def no_such_model(name: str = "gpt-9") -> Status:
    message = f"The model `{name}` does not exist or you do not have access to it."
    return Status(404, message, "invalid_request_error", "model_not_found")


# ── what is no answer at all ─────────────────────────────────────────────────────────────────────


def silent() -> Silent:
    return Silent()


def reset() -> Reset:
    return Reset()


def cut(reply: Reply | None = None, share: float = 0.5) -> Cut:
    """Break off in the middle of `reply`."""
    return Cut(reply or verdict(), share)


def html_page(code: int = 502) -> Body:
    """What a proxy in front of a provider shows."""
    page = f"<html><head><title>{code}</title></head><body><h1>{code} from the proxy</h1></body></html>"
    return Body(page.encode(), "text/html", code, f"html {code}")


def not_json(content: bytes = b"upstream connect error", code: int = 200, media_type: str = "application/json") -> Body:
    """A body that says it is JSON and is not."""
    return Body(content, media_type, code, "not_json")


def after(seconds: float, answer: Answer) -> Late:
    """The same answer, later."""
    if isinstance(answer, Late):
        return Late(seconds + answer.seconds, answer.answer)
    return Late(seconds, answer)


# ── tool loops that never end ────────────────────────────────────────────────────────────────────


def same_call(name: str = "read_page") -> Brain:
    """The same call at every turn."""
    return lambda asked: replace(says((name, {"rationale": "once more"})), what="loop")


def alternating(*names: str) -> Brain:
    """A, B, A, B …: each turn another call of the list, and round again."""
    return lambda asked: replace(says((names[asked.turns % len(names)], {"rationale": "once more"})), what="loop")


def growing(name: str = "read_page", step: int = 100) -> Brain:
    """The same call, its arguments longer by `step` characters at each turn."""
    return lambda asked: replace(says((name, {"rationale": "more " * (step // 5) * (asked.turns + 1)})), what="loop")


# ── a script ─────────────────────────────────────────────────────────────────────────────────────


class ScriptMistake(AssertionError):
    """Steps were left, or there were fewer than calls."""


Step = Answer | Brain


@dataclass
class Script:
    """Plays its steps in the order the requests come; a step is an answer, or a function from the request to one."""

    steps: list[Step]
    asked: list[Asked] = field(default_factory=list)
    """Every request so far."""

    def __call__(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if len(self.asked) > len(self.steps):
            raise ScriptMistake(f"the script has {len(self.steps)} steps and was asked once more")
        step = self.steps[len(self.asked) - 1]
        return step(asked) if callable(step) else step

    def assert_used_up(self) -> None:
        """Raise ScriptMistake where steps were left or missing."""
        if len(self.asked) != len(self.steps):
            raise ScriptMistake(f"{len(self.steps)} scripted steps, {len(self.asked)} requests")
