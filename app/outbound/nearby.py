"""Speaking to a process beside us on this machine: the emulator, or our own web process. The address is settings'."""

import json
from collections.abc import Mapping
from typing import Any

import httpx

NEARBY_SECONDS = 5.0


class NobodyThere(Exception):
    """No answer, or none that is a JSON object."""


async def ask(url: str, wishes: Mapping[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
    """GET, or POST of `wishes`: the status and the JSON object that came. Raises NobodyThere."""
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=NEARBY_SECONDS) as client:
            answer = await (client.get(url) if wishes is None else client.post(url, json=dict(wishes)))
        found = json.loads(answer.content)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
        raise NobodyThere(type(error).__name__) from error
    if not isinstance(found, dict):
        raise NobodyThere("no object")
    return answer.status_code, found
