"""Rate limits in Redis, for those who have one: spares Postgres a statement a create, and counts as exactly."""

from time import time
from urllib.parse import urlsplit

from limits.aio.storage import RedisStorage
from limits.errors import StorageError

from app.domain.errors import TemporarilyUnavailable

REDIS_PORT = 6379
ANSWER_SECONDS = 3.0
ROUNDED_SECONDS = 0.5
"""Redis tells what is left of a window in whole seconds, rounded."""
AWAY_SECONDS = 2


class RedisWindows:
    """`url` is redis://, rediss:// or unix://. Nothing is connected until the first request counts."""

    def __init__(self, url: str) -> None:
        self._storage = RedisStorage(
            storage_url(url),
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix="darkroom",
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
        )

    async def count(self, key: str, expiry: int) -> tuple[int, float]:
        """One more: how many there are now, and for how many seconds. Raises TemporarilyUnavailable."""
        try:
            counted = await self._storage.incr(key, expiry)
            ends_at = await self._storage.get_expiry(key)
        except StorageError as error:
            raise TemporarilyUnavailable("Redis is away for a moment.", retry_after=AWAY_SECONDS) from error
        return counted, ends_at - time() + ROUNDED_SECONDS

    async def close(self) -> None:
        await self._storage.bridge.get_connection().aclose()  # type: ignore[attr-defined]


def storage_url(url: str) -> str:
    """As `limits` wants it: with its own schemes, and never without a port."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return "async+redis+" + url
    if parts.hostname and parts.port is None:
        parts = parts._replace(netloc=f"{parts.netloc.removesuffix(':')}:{REDIS_PORT}")
    return "async+" + parts.geturl()
