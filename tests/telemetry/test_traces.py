"""One prediction, one trace: from the create through the job, the provider, the webhook and the download."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.settings import Settings
from app.telemetry.traces import OpenTelemetry, open_traces
from app.watch import tracing
from tests.emulator.process import RunningEmulator
from tests.house import eventually, open_house
from tests.telemetry.collector import collecting

WHOLE_LIFE = {
    "POST /api/predictions",
    "job submit",
    "provider call",
    "webhook delivery",
    "job collect",
    "download",
}
CALLERS_TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def finished() -> Iterator[InMemorySpanExporter]:
    """The spans that have ended."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with tracing.traced_by(OpenTelemetry(provider)):
        yield exporter
    provider.shutdown()


def trace_of(span: ReadableSpan) -> str:
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


async def test_the_spans_of_a_prediction_share_one_trace(
    finished: InMemorySpanExporter, settings: Settings, fresh_emulator: RunningEmulator
) -> None:
    def traced() -> set[str]:
        return {span.name for span in finished.get_finished_spans() if trace_of(span) == CALLERS_TRACE}

    async with open_house(settings, fresh_emulator) as house:
        made = (await house.create(traceparent=f"00-{CALLERS_TRACE}-b7ad6b7169203331-01")).json()
        assert (await house.final(made["id"]))["status"] == "succeeded"
        await eventually(lambda: traced() >= WHOLE_LIFE)
        receipt = (await house.client.get(f"/api/predictions/{made['id']}/receipt")).json()
        created = next(entry for entry in receipt["timeline"] if entry["kind"] == "created")
        assert CALLERS_TRACE in created["detail"]["traceparent"]
    described = {span.name: dict(span.attributes or {}) for span in finished.get_finished_spans()}
    assert described["POST /api/predictions"]["http.route"] == "/api/predictions"
    assert described["download"]["outcome"] == "stored"


async def test_two_predictions_have_two_traces_and_a_foreign_word_breaks_neither(
    finished: InMemorySpanExporter, settings: Settings, fresh_emulator: RunningEmulator
) -> None:
    async with open_house(settings, fresh_emulator, with_worker=False) as house:
        for given in ("00-nonsense", f"00-{'0' * 32}-{'0' * 16}-01"):
            assert (await house.create(traceparent=given)).status_code == 201
    traces = [trace_of(span) for span in finished.get_finished_spans() if span.name == "POST /api/predictions"]
    assert len(set(traces)) == 2


def test_an_error_tells_its_kind_and_not_its_text(finished: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="swordfish"), tracing.span("breaks"):
        raise ValueError("the password is swordfish")
    (span,) = finished.get_finished_spans()
    assert "swordfish" not in span.to_json()
    assert span.status.description == "ValueError"


async def test_spans_reach_a_collector() -> None:
    with collecting() as collector:
        async with open_traces(collector.url, "worker"):
            with tracing.span("outer", kind="server"), tracing.span("inner", position=1):
                assert tracing.traceparent() is not None
    (body,) = collector.bodies("/v1/traces")
    (resource,) = ExportTraceServiceRequest.FromString(body).resource_spans
    assert [span.name for span in resource.scope_spans[0].spans] == ["inner", "outer"]
    assert "darkroom-worker" in str(resource.resource)


def test_nothing_is_loaded_unless_it_is_asked_for() -> None:
    foreign = "('opentelemetry', 'sentry_sdk')"
    asked = f"import sys, app.asgi; print([name for name in sys.modules if name.startswith({foreign})])"
    environment = {"SKYTELLS_API_KEY": "sk-any"}
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, env=environment)
    assert told.stdout.strip() == "[]"
    assert not tracing.is_on()
