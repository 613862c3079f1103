"""`/health`: alive. `/health/ready`: able to work, and if not, what is missing."""

from starlette.requests import Request
from starlette.responses import Response

from app.actions.check_readiness import check_readiness
from app.web.predictions import json_response
from app.web.schemas import Health
from app.web.shared import shared
from app.web.waiting import within

CHECK_SECONDS = 5.0


async def alive(_: Request) -> Response:
    return json_response(Health(status="ok"), exclude={"checks"})


async def ready(request: Request) -> Response:
    common = shared(request)
    try:
        checks = await within(CHECK_SECONDS, check_readiness(common.database, common.blobs))
    except TimeoutError:
        checks = {"database": "no answer in time"}
    is_ready = all(found == "ok" for found in checks.values())
    view = Health(status="ok" if is_ready else "unready", checks=checks)
    headers = {} if is_ready else {"Retry-After": "2"}
    return json_response(view, 200 if is_ready else 503, headers=headers)
