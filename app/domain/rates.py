"""Rates such as `10/minute`, as settings and keys write them, and where somebody stands within one."""

import re
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Protocol

OFF = "off"
HOW = "write it as requests and a time, such as 10/minute or 100 per 2 hours, or `off` for no limit"
MOST = 1_000_000_000
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
LONGEST = 366 * SECONDS["day"]
WRITTEN = re.compile(rf"([0-9]{{1,10}})\s*(?:/|\s+per\s+)\s*([0-9]{{1,9}}\s*)?({'|'.join(SECONDS)})s?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in a window that begins with the first of them; 0 lets none in."""

    requests: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Standing:
    """After a request: the `counted` ones of this window, itself included, and for how long the window lasts."""

    rate: Rate
    counted: int
    seconds_left: float

    @property
    def is_over(self) -> bool:
        return self.counted > self.rate.requests

    @property
    def remaining(self) -> int:
        return max(0, self.rate.requests - self.counted)

    @property
    def reset_after(self) -> int:
        """Whole seconds, after which there surely is a new window."""
        return max(1, min(ceil(self.seconds_left), self.rate.seconds))


class Windows(Protocol):
    """Where requests are counted, for every process at once."""

    async def count(self, key: str, expiry: int) -> tuple[int, float]:
        """One more under this key: how many there are now, and for how many seconds of `expiry` they still count.

        Raises TemporarilyUnavailable.
        """


@lru_cache(maxsize=1000)
def parse_rate(text: str) -> Rate | None:
    """None for `off`. Raises ValueError, which says how to write it."""
    if text.strip().lower() == OFF:
        return None
    found = WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no rate; {HOW}")
    requests, times, unit = found.groups()
    rate = Rate(int(requests), int(times or 1) * SECONDS[unit.lower()])
    if rate.requests > MOST or not 0 < rate.seconds <= LONGEST:
        raise ValueError(f"{text!r} is out of bounds: at most {MOST:,} requests, in one second to one year")
    return rate
