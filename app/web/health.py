"""`/health`: alive. `/health/ready`: able to work, and if not, what is missing."""

from datetime import timedelta
from time import monotonic

from starlette.requests import Request
from starlette.responses import Response

from app.actions.check_readiness import check_readiness
from app.web.predictions import json_response
from app.web.schemas import Health
from app.web.shared import Shared, shared
from app.web.waiting import within

CHECK_SECONDS = 5.0
FRESH_SECONDS = 60.0
AT_THE_START, LATER = timedelta(seconds=5), timedelta(minutes=2)


async def alive(_: Request) -> Response:
    return json_response(Health(status="ok"), exclude={"checks"})


async def _checks(common: Shared) -> dict[str, str]:
    """Right after the start even a little overdue work is too much: what was missed is caught up first."""
    fresh = monotonic() - common.began_at < FRESH_SECONDS
    patience = AT_THE_START if fresh else LATER
    return await check_readiness(common.database, common.admission.space, longest_overdue=patience)


async def ready(request: Request) -> Response:
    common = shared(request)
    try:
        checks = await within(CHECK_SECONDS, _checks(common))
    except TimeoutError:
        checks = {"database": "no answer in time"}
    is_ready = all(found == "ok" for found in checks.values())
    view = Health(status="ok" if is_ready else "unready", checks=checks)
    headers = {} if is_ready else {"Retry-After": "2"}
    return json_response(view, 200 if is_ready else 503, headers=headers)
