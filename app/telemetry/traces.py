"""Spans by OpenTelemetry, to an OTLP collector over HTTP. Names, durations and outcomes; no texts of errors."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from app.watch.tracing import Kind, Span, traced_by

EXPORT_SECONDS = 3
KINDS: dict[Kind, SpanKind] = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "consumer": SpanKind.CONSUMER,
}
_w3c = TraceContextTextMapPropagator()


@asynccontextmanager
async def open_traces(endpoint: str, role: str) -> AsyncIterator[None]:
    """`endpoint` is the collector's base, as OTEL_EXPORTER_OTLP_ENDPOINT has it; the SDK reads its other settings
    (OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER, …) from the environment by itself."""
    provider = TracerProvider(resource=Resource.create({"service.name": f"darkroom-{role}"}))
    exporter = OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    try:
        with traced_by(OpenTelemetry(provider)):
            yield
    finally:
        await asyncio.to_thread(provider.shutdown)


class OpenTelemetry:
    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("darkroom")

    @contextmanager
    def span(self, name: str, *, kind: Kind, parent: str | None, **attributes: str | int | float) -> Iterator[Span]:
        context = _w3c.extract({"traceparent": parent}) if parent else None
        with self._tracer.start_as_current_span(
            name,
            context,
            KINDS[kind],
            attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield _Span(span)
            except BaseException as error:
                span.set_status(StatusCode.ERROR, type(error).__name__)
                raise

    def traceparent(self) -> str | None:
        carrier: dict[str, str] = {}
        _w3c.inject(carrier)
        return carrier.get("traceparent")


class _Span:
    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def note(self, **attributes: str | int | float) -> None:
        self._span.set_attributes(attributes)

    def rename(self, name: str) -> None:
        self._span.update_name(name)
