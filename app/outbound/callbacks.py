"""Calling a client's webhook: one POST, guarded like every outbound call, its answer hardly read."""

from dataclasses import dataclass

import httpx

from app.outbound.errors import AddressRefused
from app.outbound.replies import retry_after

ANSWER_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Answered:
    """`outcome` is a few words for people; `gone` means the endpoint wants no more; `retry_after` is seconds."""

    ok: bool
    outcome: str
    gone: bool = False
    retry_after: float | None = None


async def post(client: httpx.AsyncClient, url: str, body: bytes, headers: dict[str, str]) -> Answered:
    """Never raises for what the other side does. Redirects are failures: the URL given is the URL called."""
    try:
        async with client.stream(
            "POST", url, content=body, headers={**headers, "user-agent": "darkroom"}, timeout=ANSWER_SECONDS
        ) as response:
            status = response.status_code
            pause = retry_after(response.headers)
    except AddressRefused:
        return Answered(False, "the address is not public", gone=True)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return Answered(False, type(error).__name__)
    return Answered(200 <= status < 300, f"answered {status}", gone=status == 410, retry_after=pause)
