"""`/api/dev/faults`: how the emulator misbehaves. There in development alone, and only where an emulator sells."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.domain.caller import Caller
from app.domain.errors import FieldProblem, InvalidRequest, TemporarilyUnavailable
from app.outbound.nearby import NobodyThere, ask
from app.web.predictions import json_response
from app.web.requests import read_json
from app.web.schemas import Faults, FaultsView
from app.web.shared import shared

LONGEST_COMPLAINT = 200


async def read(request: Request, _: Caller) -> Response:
    return await _asked(_url(request))


async def direct(request: Request, _: Caller) -> Response:
    url = _url(request)
    return await _asked(url, (await read_json(request, Faults)).root)


def _url(request: Request) -> str:
    found = shared(request).bench.emulator_url
    if found is None:
        raise HTTPException(404)
    return f"{found}/_faults"


async def _asked(url: str, wishes: dict[str, Any] | None = None) -> Response:
    try:
        status, found = await ask(url, wishes)
    except NobodyThere:
        raise TemporarilyUnavailable("The emulator does not answer; `./scripts/up` starts it.") from None
    if status == 422:
        problem = FieldProblem("faults", str(found.get("error"))[:LONGEST_COMPLAINT])
        raise InvalidRequest("The emulator cannot do that.", problems=(problem,))
    if status != 200 or not isinstance(found.get("faults"), dict) or not isinstance(found.get("known"), dict):
        raise TemporarilyUnavailable("What answers at SKYTELLS_BASE_URL is no emulator of ours.")
    return json_response(
        FaultsView(faults=found["faults"], known=found["known"]), headers={"Cache-Control": "no-store"}
    )
