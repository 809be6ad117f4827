"""Spans to any receiver that speaks OTLP over HTTP. Address, headers and timeout are the exporter's own variables.

The tracer provider is our own and not the process's: a library that brings one of its own neither gets our spans nor
gives us its.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Mapping
from importlib import metadata

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context

from tracing.names import ANSWERED, ASKED, CHAT, JOB, PROVIDER
from tracing.span import Beginning, Recording, Value, missing

SERVICE = "pagetrail"


class Otlp:
    """The Receiver port."""

    def __init__(self) -> None:
        named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": SERVICE}
        resource = Resource.create({**named, "service.version": metadata.version("pagetrail")})
        self._ids = _Ids()
        self._exporter = OTLPSpanExporter()
        self._provider = TracerProvider(resource=resource, id_generator=self._ids, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer(SERVICE, metadata.version("pagetrail"))

    def begin(self, beginning: Beginning, parent: Recording | None) -> Recording:
        around = set_span_in_context(parent.span) if isinstance(parent, _Recording) else None
        self._ids.job = str(beginning.attributes.get(JOB, ""))
        span = self._tracer.start_span(
            beginning.name, context=around, kind=_kind(beginning), attributes=dict(beginning.attributes)
        )
        return _Recording(beginning.operation, span)

    def close(self, within_s: float) -> None:
        """The exporter tries for ten seconds by itself, and its flush takes no limit: it gets a thread and no more."""
        last = threading.Thread(target=self._provider.shutdown, name="last-spans", daemon=True)
        last.start()
        last.join(within_s)
        if last.is_alive():
            missing("opentelemetry", f"the receiver does not take them within {within_s:.0f} s")
            self._exporter.shutdown()


class _Recording:
    """The Recording port."""

    def __init__(self, operation: str, span: Span) -> None:
        self._operation = operation
        self.span = span

    def set(self, attributes: Mapping[str, Value]) -> None:
        self.span.set_attributes(attributes)

    def event(self, name: str, attributes: Mapping[str, Value]) -> None:
        self.span.add_event(name, attributes)

    def asked(self, content: object) -> None:
        self._show(ASKED.get(self._operation), content)

    def answered(self, content: object) -> None:
        self._show(ANSWERED.get(self._operation), content)

    def end(self, error: str | None) -> None:
        if error is not None:
            self.span.set_status(Status(StatusCode.ERROR, error))
        self.span.end()

    def _show(self, name: str | None, content: object) -> None:
        if name is not None:
            shown = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, default=str)
            self.span.set_attribute(name, shown)


class _Ids(RandomIdGenerator):
    """The trace of a job is the same in every process and can be told from its id alone."""

    job = ""

    def generate_trace_id(self) -> int:
        return trace_id(self.job) if self.job else super().generate_trace_id()


def trace_id(job_id: str) -> int:
    """The first 16 bytes of the SHA-256 of the job's id."""
    return int.from_bytes(hashlib.sha256(job_id.encode()).digest()[:16])


def _kind(beginning: Beginning) -> SpanKind:
    remote = beginning.operation == CHAT and beginning.attributes.get(PROVIDER) != SERVICE
    return SpanKind.CLIENT if remote else SpanKind.INTERNAL
