"""`GET /metrics` for Prometheus: what the rows tell, and the little that only this process knows."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from starlette.requests import Request
from starlette.responses import Response

from app.actions.read_gauges import read_gauges
from app.db.gauges import Gauges
from app.domain.prediction import Stage
from app.web.shared import Counts, shared

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def metrics(request: Request, _owner: str) -> Response:
    common = shared(request)
    registry = CollectorRegistry()
    registry.register(_Told(await read_gauges(common.database), common.counts))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE)


class _Told:
    def __init__(self, gauges: Gauges, counts: Counts) -> None:
        self._gauges = gauges
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        found, counts = self._gauges, self._counts
        unfinished = GaugeMetricFamily(
            "darkroom_predictions_unfinished", "Predictions that owe work.", labels=["stage"]
        )
        for stage in Stage:
            unfinished.add_metric([stage.value], found.unfinished.get(stage.value, 0))
        yield unfinished
        yield GaugeMetricFamily(
            "darkroom_work_overdue_seconds", "How late the most overdue work is.", found.overdue.total_seconds()
        )
        yield CounterMetricFamily(
            "darkroom_outputs_lost", "Outputs that were paid for and could not be had in time.", found.outputs_lost
        )
        yield GaugeMetricFamily(
            "darkroom_deliveries_pending", "Deliveries whose prediction is not known.", found.deliveries_pending
        )
        yield GaugeMetricFamily(
            "darkroom_client_webhooks_pending", "Client webhooks that are still owed.", found.notices_pending
        )
        yield CounterMetricFamily(
            "darkroom_deliveries_forged", "Deliveries refused for their signature.", counts.forged_deliveries
        )
