"""Deliveries that nobody should believe: well-formed lies about real predictions, with every kind of bad signature."""

import asyncio
import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from scripts.faultrun.house import House

TARGETS = "SELECT provider_id, callback_token FROM predictions ORDER BY created_at DESC LIMIT 40"
LOOK_EVERY = 5.0


@dataclass(frozen=True, slots=True)
class Forged:
    """`status` is the answer, 0 where none came."""

    at: float
    spoiled: str
    sha256: str
    status: int


def _sign(body: bytes, secret: str, name: str = "sha256") -> str:
    return hmac.new(secret.encode(), body, name).hexdigest()


SPOILED: dict[str, Callable[[bytes, str], list[tuple[str, str]]]] = {
    "none at all": lambda body, secret: [],
    "empty": lambda body, secret: [("x-skytells-signature", "")],
    "of another key": lambda body, secret: [("x-skytells-signature", _sign(body, "not the key"))],
    "of other bytes": lambda body, secret: [("x-skytells-signature", _sign(body + b" ", secret))],
    "of no bytes": lambda body, secret: [("x-skytells-signature", _sign(b"", secret))],
    "cut short": lambda body, secret: [("x-skytells-signature", _sign(body, secret)[:-2])],
    "one digit off": lambda body, secret: [("x-skytells-signature", _flipped(_sign(body, secret)))],
    "by SHA-1": lambda body, secret: [("x-skytells-signature", "sha1=" + _sign(body, secret, "sha1"))],
    "a bare hash": lambda body, secret: [("x-skytells-signature", hashlib.sha256(body).hexdigest())],
    "twice": lambda body, secret: [
        ("x-skytells-signature", _sign(body, "not the key")),
        ("x-skytells-signature", _sign(body, secret)),
    ],
    "in another header": lambda body, secret: [("x-signature", _sign(body, secret))],
}


def _flipped(digest: str) -> str:
    return ("0" if digest[0] != "0" else "1") + digest[1:]


class Forger:
    def __init__(self, house: House, seed: int) -> None:
        self.forged: list[Forged] = []
        self._house = house
        self._dice = random.Random(f"{seed}:forger")
        self._targets: list[tuple[str | None, str]] = []

    async def run(self, rate: float) -> None:
        looking = asyncio.create_task(self._look())
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
                while True:
                    await asyncio.sleep(self._dice.expovariate(rate))
                    await self._forge(http)
        finally:
            looking.cancel()

    async def _look(self) -> None:
        """Whom to lie about; from a database that comes and goes."""
        while True:
            try:
                connection = await self._house.database.connect()
                try:
                    rows = await connection.fetch(TARGETS)
                    self._targets = [(row["provider_id"], row["callback_token"]) for row in rows]
                finally:
                    await connection.close(timeout=2)
            except Exception:
                pass
            await asyncio.sleep(LOOK_EVERY)

    async def _forge(self, http: httpx.AsyncClient) -> None:
        if not self._targets:
            return
        provider_id, token = self._dice.choice(self._targets)
        body = json.dumps(self._lie(provider_id)).encode()
        spoiled = self._dice.choice(list(SPOILED))
        headers = [("content-type", "application/json"), *SPOILED[spoiled](body, self._house.plants.webhook_secret)]
        url = f"{self._house.app_url}/api/webhooks/skytells?t={token}"
        try:
            status = (await http.post(url, content=body, headers=headers)).status_code
        except httpx.HTTPError:
            status = 0
        self.forged.append(Forged(time.time(), spoiled, hashlib.sha256(body).hexdigest(), status))

    def _lie(self, provider_id: str | None) -> dict[str, Any]:
        number = self._dice.randrange(10**9)
        return {
            "id": provider_id or f"pred_{number}",
            "status": self._dice.choice(("succeeded", "failed", "cancelled")),
            "output": [f"{self._house.canary.url}/stolen-{number}.png"],
            "metadata": {"billing": {"credits_used": 999}},
        }
