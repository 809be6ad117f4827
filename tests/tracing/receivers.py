"""Receivers of traces on loopback: OTLP over HTTP, and what LangSmith's client sends. Both keep every byte."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

import zstandard
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue


@dataclass(frozen=True)
class Seen:
    """A span or a run as it arrived, reduced to what both have."""

    id: str
    parent: str | None
    trace: str
    name: str
    attributes: Mapping[str, Any]
    error: str | None
    events: tuple[tuple[str, Mapping[str, Any]], ...]
    took_s: float


@dataclass
class Received:
    """What a receiver was sent."""

    url: str
    bodies: list[bytes] = field(default_factory=list)
    """Decompressed."""
    paths: list[str] = field(default_factory=list)
    answers: threading.Event = field(default_factory=threading.Event)
    """While it is not set, what is sent is taken and nothing comes back."""

    @property
    def raw(self) -> bytes:
        return b"\n".join(self.bodies)


class Otlp(Received):
    """Takes `POST /v1/traces`."""

    @property
    def environment(self) -> dict[str, str]:
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": self.url}

    @property
    def spans(self) -> list[Seen]:
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return [
            _span(span)
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


class LangSmith(Received):
    """Takes `POST /runs/batch` and `POST /runs/multipart`, and says which of them it wants at `GET /info`."""

    multipart = True

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LANGSMITH_TRACING": "true",
            "LANGSMITH_ENDPOINT": self.url,
            "LANGSMITH_API_KEY": "lsv2_test",
            "LANGSMITH_PROJECT": "loans",
        }

    @property
    def runs(self) -> dict[str, dict[str, Any]]:
        """Each run by its id: what was posted, with what was patched over it."""
        found: dict[str, dict[str, Any]] = {}
        for path, body in zip(self.paths, self.bodies, strict=True):
            for run in _batch(body) if path.endswith("/batch") else _multipart(body):
                found.setdefault(run["id"], {}).update({name: part for name, part in run.items() if part is not None})
        return found

    @property
    def spans(self) -> list[Seen]:
        return [_run(run) for run in self.runs.values()]


R = TypeVar("R", bound=Received)


@contextmanager
def otlp_receiver() -> Iterator[Otlp]:
    with _serving(Otlp("")) as received:
        yield received


@contextmanager
def langsmith_receiver() -> Iterator[LangSmith]:
    with _serving(LangSmith("")) as received:
        yield received


@contextmanager
def _serving(received: R) -> Iterator[R]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wants = {
                "use_multipart_endpoint": getattr(received, "multipart", True),
                "size_limit": 100,
                "scale_up_nthreads_limit": 4,
                "scale_up_qsize_trigger": 1000,
                "scale_down_nempty_trigger": 4,
            }
            flags = {"zstd_compression_enabled": True}
            self._answer({"version": "0.17.0", "batch_ingest_config": wants, "instance_flags": flags})

        def do_POST(self) -> None:
            body = self._body()
            if self.headers.get("Content-Encoding") == "zstd":
                body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
            received.paths.append(self.path)
            received.bodies.append(body)
            received.answers.wait()
            self._answer({})

        def _body(self) -> bytes:
            if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                return self.rfile.read(int(self.headers["Content-Length"]))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def _answer(self, told: dict[str, Any]) -> None:
            body = b"" if self.path == "/v1/traces" else json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(ConnectionError):  # whoever asked may not have waited
                self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.answers.set()
    received.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield received
    finally:
        received.answers.set()
        server.shutdown()
        thread.join(10)
        server.server_close()


# ── what arrived ─────────────────────────────────────────────────────────────────────────────────


def _span(span: Any) -> Seen:
    failed = span.status.code == span.status.STATUS_CODE_ERROR
    return Seen(
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex() or None,
        trace=span.trace_id.hex(),
        name=span.name,
        attributes=_attributes(span),
        error=span.status.message if failed else None,
        events=tuple(
            (event.name, {pair.key: _value(pair.value) for pair in event.attributes}) for event in span.events
        ),
        took_s=(span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
    )


def _attributes(holder: Any) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in holder.attributes}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(part) for part in value.array_value.values]
    return getattr(value, str(kind))


def _run(run: Mapping[str, Any]) -> Seen:
    took = _moment(run["end_time"]) - _moment(run["start_time"]) if "end_time" in run else -1.0
    events = run.get("events") or []
    return Seen(
        id=run["id"],
        parent=run.get("parent_run_id"),
        trace=run["trace_id"],
        name=run["name"],
        attributes=run.get("extra", {}).get("metadata", {}),
        error=run.get("error"),
        events=tuple((event["name"], event.get("kwargs", {})) for event in events),
        took_s=took,
    )


def _moment(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()


def _batch(body: bytes) -> list[dict[str, Any]]:
    told = json.loads(body)
    return [*told.get("post", []), *told.get("patch", [])]


def _multipart(body: bytes) -> list[dict[str, Any]]:
    """Parts named `post.ID`, `patch.ID`, and `post.ID.inputs` and so on for the larger ones."""
    boundary = body.split(b"\r\n", 1)[0]
    runs: dict[tuple[str, str], dict[str, Any]] = {}
    for part in body.split(boundary)[1:-1]:
        head, _, content = part.strip(b"\r\n").partition(b"\r\n\r\n")
        named = re.search(rb'name="(post|patch)\.([0-9a-f-]+)(?:\.(\w+))?"', head)
        if named is None:
            continue
        operation, run_id, piece = (found.decode() if found else "" for found in named.groups())
        run = runs.setdefault((operation, run_id), {"id": run_id})
        told = json.loads(content)
        run.update({piece: told} if piece else told)
    return list(runs.values())
