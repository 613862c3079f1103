"""One reading of a provider's list serves every search that waits for it.

After an outage many creates are unsure at once; were each to read the list for itself, the provider would limit us,
and the looks at finished predictions, whose outputs are dying, would wait with them.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from app.domain.ports import Listed, Provider

FRESH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Reading:
    began: float
    since: datetime
    entries: Sequence[Listed]

    def serves(self, since: datetime, asked: float) -> bool:
        return self.since <= since and asked - self.began < FRESH_SECONDS


class SharedLists:
    """Of one process. A reading serves who asks within a second of its beginning, back to its own `since`."""

    def __init__(self) -> None:
        self._locks: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._readings: dict[tuple[str, str], _Reading] = {}

    async def read(self, provider: Provider, model: str, since: datetime, *, anew: bool = False) -> Sequence[Listed]:
        """Newest first. `anew` where the answer decides more than another look. Raises Unavailable."""
        key, asked = (provider.name, model), monotonic()
        async with self._locks[key]:
            known = self._readings.get(key)
            if known is None or anew or not known.serves(since, asked):
                began = monotonic()
                known = _Reading(began, since, await provider.listed(model, since))
                self._readings[key] = known
        return known.entries
