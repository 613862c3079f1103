"""How much may be bought in a minute, and the two families of headers that tell."""

import time
from collections import defaultdict, deque

from scripts.emulator.book import Book
from scripts.emulator.models import Model
from scripts.emulator.orders import Refusal

WINDOW = 60.0
SHOWN = 600  # what the headers say while no limit is set
CONCURRENT = 50  # shown, never enforced


class Limits:
    def __init__(self, book: Book) -> None:
        self._book = book
        self._accepted: defaultdict[str, deque[float]] = defaultdict(deque)

    def admit(self, model: Model) -> None:
        """A rolling window per model, when a limit is set."""
        limit, times = self._book.dialect.rate_limit, self._recent(model.slug)
        if limit and len(times) >= limit:
            wait = times[0] + WINDOW - time.monotonic()
            raise Refusal(429, "RATE_LIMIT_EXCEEDED", "Too many requests.", retry_after=wait)
        times.append(time.monotonic())

    def headers(self) -> dict[str, str]:
        limit = self._book.dialect.rate_limit or SHOWN
        used = max((len(self._recent(slug)) for slug in self._accepted), default=0)
        left = str(max(0, limit - used))
        unknown = {
            f"x-skytells-ratelimit-{what}-tokens-{way}": "-" for what in ("limit", "remaining") for way in ("in", "out")
        }
        return unknown | {
            "x-skytells-ratelimit-limit-requests": str(limit),
            "x-skytells-ratelimit-remaining-requests": left,
            "x-skytells-ratelimit-window": "60s",
            "X-RateLimit-Limit-RPM": str(limit),
            "X-RateLimit-Remaining-RPM": left,
            "X-RateLimit-Limit-Concurrent": str(CONCURRENT),
            "X-RateLimit-Remaining-Concurrent": str(CONCURRENT),
            "X-RateLimit-Reset": str(int(time.time() + WINDOW)),
        }

    def forget(self) -> None:
        self._accepted.clear()

    def _recent(self, slug: str) -> deque[float]:
        times, since = self._accepted[slug], time.monotonic() - WINDOW
        while times and times[0] <= since:
            times.popleft()
        return times
