"""`GET /metrics` for Prometheus.

Several processes: what the database counts is the same whichever is asked; what only one process knows, its requests,
the deliveries that it refused and the disk that it sees, has a `process` label, so each process is scraped at its own
port and sums are made by Prometheus. Workers have no door: what they count reaches this page through the database.
"""

from contextlib import suppress

from prometheus_client import CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from app.actions.disk_space import Space
from app.actions.read_gauges import read_gauges
from app.domain.caller import Caller
from app.storage.errors import StorageUnavailable
from app.web.figures import Figures
from app.web.shared import shared

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def metrics(request: Request, _: Caller) -> Response:
    common = shared(request)
    budgets, space = common.admission.budgets, common.admission.space
    gauges = await read_gauges(common.database, budgets)
    free = await _free_bytes(space)
    registry = CollectorRegistry()
    registry.register(
        Figures(
            gauges,
            common.traffic,
            providers=list(common.providers),
            daily_budget=budgets.daily,
            free_bytes=free,
            reserve_bytes=space.reserve_bytes,
        )
    )
    return Response(generate_latest(registry), media_type=CONTENT_TYPE)


async def _free_bytes(space: Space) -> int | None:
    with suppress(StorageUnavailable, TimeoutError):
        return await space.free_bytes()
    return None
