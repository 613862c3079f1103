"""fal's public keys, from its JWKS: asked for when a delivery needs them, and believed for a day at most."""

import asyncio
import base64
import math
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.domain.ports import Unavailable
from app.providers.client import ApiClient, ReplyLost

FRESH_SECONDS = 12 * 3600.0
OLDEST_SECONDS = 24 * 3600.0
"""fal's own word for how long they may be kept; asked for anew at half of it, so that an outage there is no matter."""
PAUSE_SECONDS = 30.0
"""Between two askings, whatever strangers send us."""
ANSWER_SECONDS = 2.0
"""The delivery that waits for it has to be answered in three."""
MOST_KEYS = 32
_X = re.compile(r"[A-Za-z0-9_-]{43}=?")

log = structlog.get_logger()


class Keys:
    """One for a process. `api` speaks to the JWKS itself, without our API key; `clock` is seconds that only grow."""

    def __init__(self, api: ApiClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._clock = clock
        self._keys: tuple[Ed25519PublicKey, ...] = ()
        self._fetched_at = -math.inf
        self._tried_at = -math.inf
        self._are_doubted = False
        self._asking = asyncio.Lock()

    def known(self) -> tuple[Ed25519PublicKey, ...]:
        """None of those that are too old to be believed."""
        return self._keys if self._clock() - self._fetched_at <= OLDEST_SECONDS else ()

    def doubt(self) -> None:
        """A sound delivery fits none of them: they may have been rotated."""
        self._are_doubted = True

    async def refresh(self) -> None:
        """Ask if it is time to. Raises Unavailable if none are known after that."""
        if self._are_due():
            async with self._asking:
                if self._are_due():
                    await self._ask()
        if not self.known():
            raise Unavailable("no keys of fal's are known")

    def _are_due(self) -> bool:
        now = self._clock()
        is_wanted = self._are_doubted or now - self._fetched_at > FRESH_SECONDS
        return is_wanted and now - self._tried_at >= PAUSE_SECONDS

    async def _ask(self) -> None:
        self._tried_at = self._clock()
        try:
            reply = await self._api.call("GET", "", seconds=ANSWER_SECONDS)
        except (Unavailable, ReplyLost) as trouble:
            log.warning("keys not fetched", provider="fal", reason=str(trouble))
            return
        found = read_keys(reply.data) if reply.is_success else ()
        if not found:
            log.warning("keys not fetched", provider="fal", reason=f"answered {reply.status} without a key")
            return
        self._keys, self._fetched_at, self._are_doubted = found, self._clock(), False


def read_keys(data: Any) -> tuple[Ed25519PublicKey, ...]:
    """`{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": base64url}]}`; what is no such key is left out."""
    listed = data.get("keys") if isinstance(data, Mapping) else None
    entries = listed[:MOST_KEYS] if isinstance(listed, list) else []
    return tuple(key for key in map(_read_key, entries) if key is not None)


def _read_key(entry: Any) -> Ed25519PublicKey | None:
    if not isinstance(entry, Mapping) or (entry.get("kty"), entry.get("crv")) != ("OKP", "Ed25519"):
        return None
    x = entry.get("x")
    if not isinstance(x, str) or not _X.fullmatch(x):
        return None
    try:
        return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(x.rstrip("=") + "="))
    except ValueError:
        return None
