"""The emulator's control room: how it misbehaves, and what it truly sold."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Sold:
    """One accepted create. `ordinal` counts from 0; `files` are (sha256, bytes) in the provider's order.

    `credits` are what it truly costs, of 1 USD each; None before its end.
    """

    id: str
    ordinal: int
    status: str
    prompt: str
    error: str | None
    token: str | None
    completed_at: float | None
    credits: Decimal | None
    files: tuple[tuple[str, int], ...] = ()


class Emulator:
    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self._client = httpx.AsyncClient(base_url=url, trust_env=False, timeout=20, headers={"x-api-key": key})

    async def close(self) -> None:
        await self._client.aclose()

    async def misbehave(self, faults: Mapping[str, Any]) -> None:
        await self._patiently("POST", "/_faults", dict(faults))

    async def speak(self, **words: Any) -> None:
        await self._patiently("POST", "/_dialect", words)

    async def ask(self, path: str) -> Any:
        return await self._patiently("GET", path)

    async def is_alive(self) -> bool:
        try:
            return (await self._client.get("/_health", timeout=1)).status_code == 200
        except httpx.HTTPError:
            return False

    async def sold(self) -> list[Sold]:
        """Everything, oldest first, joined from its ledger, its list and its outputs."""
        ledger, outputs = await self.ask("/_ledger"), await self.ask("/_outputs")
        told = {entry["id"]: entry for entry in await self._listed(len(ledger))}
        return [_sold(at, row, told.get(row["id"], {}), outputs.get(row["id"], [])) for at, row in enumerate(ledger)]

    async def _listed(self, count: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for page in range(1, 2 + count // PER_PAGE):
            found += (await self.ask(f"/v1/predictions?page={page}&per_page={PER_PAGE}"))["data"]
        return found

    async def _patiently(self, method: str, path: str, body: Any = None) -> Any:
        """It may be down for a moment: tried for ten seconds."""
        for attempt in range(50):
            try:
                answer = await self._client.request(method, path, json=body)
                answer.raise_for_status()
                return answer.json()
            except httpx.TransportError:
                if attempt == 49:
                    raise
                await asyncio.sleep(0.2)
        raise AssertionError


def _sold(at: int, row: dict[str, Any], told: dict[str, Any], files: list[dict[str, Any]]) -> Sold:
    return Sold(
        id=row["id"],
        ordinal=at,
        status=row["status"],
        prompt=str(told.get("input", {}).get("prompt", "")),
        error=told.get("error"),
        token=parse_qs(urlsplit(row["webhook"] or "").query).get("t", [None])[0],
        completed_at=datetime.fromisoformat(row["completed_at"]).timestamp() if row["completed_at"] else None,
        credits=None if row["credits_used"] is None else Decimal(str(row["credits_used"])),
        files=tuple((file["sha256"], file["size"]) for file in files),
    )
