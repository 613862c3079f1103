"""Calling a client's webhook: one POST, guarded like every outbound call, its answer hardly read."""

import asyncio
from dataclasses import dataclass
from time import monotonic

import httpx

from app.outbound.errors import AddressRefused
from app.outbound.replies import retry_after

ANSWER_SECONDS = 15.0
LARGEST_ANSWER = 16_384
"""Read to its end, and thrown away, so that the connection can be used again; a longer one is hung up on."""


@dataclass(frozen=True, slots=True)
class Answered:
    """`outcome` is a few words for people, `status` None where nobody answered; `gone` means that no more is wanted
    there, `refused` that we do not call such an address; `retry_after` is seconds, `seconds` how long it took."""

    ok: bool
    outcome: str
    status: int | None = None
    gone: bool = False
    refused: bool = False
    retry_after: float | None = None
    seconds: float = 0.0


async def post(client: httpx.AsyncClient, url: str, body: bytes, headers: dict[str, str]) -> Answered:
    """Never raises for what the other side does. Redirects are failures: the URL given is the URL called."""
    began, answered = monotonic(), None
    try:
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            client.stream(
                "POST", url, content=body, headers={**headers, "user-agent": "darkroom"}, timeout=ANSWER_SECONDS
            ) as response,
        ):
            answered = _answered(response, monotonic() - began)
            await _pass_over(response)
    except AddressRefused:
        return Answered(False, "the address is not public", refused=True, seconds=monotonic() - began)
    except TimeoutError:
        return answered or Answered(False, f"no answer within {ANSWER_SECONDS:g} s", seconds=monotonic() - began)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return answered or Answered(False, type(error).__name__, seconds=monotonic() - began)
    return answered


def _answered(response: httpx.Response, seconds: float) -> Answered:
    status = response.status_code
    return Answered(
        200 <= status < 300,
        f"answered {status}",
        status,
        gone=status == 410,
        retry_after=retry_after(response.headers),
        seconds=seconds,
    )


async def _pass_over(response: httpx.Response) -> None:
    size = 0
    async for piece in response.aiter_raw():
        size += len(piece)
        if size > LARGEST_ANSWER:
            return
