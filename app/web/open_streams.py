"""How many streams of events are open in this process: a caller may have so many, and all together so many."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from app.domain.errors import TooManyStreams

MOST_ALTOGETHER = 5_000
"""Each holds a connection, a task and up to two hundred changes that were not taken yet."""
BUSY_SECONDS = 30


class OpenStreams:
    def __init__(self, most: int, altogether: int = MOST_ALTOGETHER) -> None:
        """`most` is for one caller, 0 for no cap."""
        self._most = most
        self._altogether = altogether
        self._open: Counter[str] = Counter()

    @contextmanager
    def one_more(self, who: str) -> Iterator[None]:
        """Raises TooManyStreams."""
        if self._most and self._open[who] >= self._most:
            raise TooManyStreams(
                f"You have {self._most} streams open, which is the most. Close one, or follow everything over one "
                "`/api/live`, or ask with `?wait=`.",
                retry_after=None,
            )
        if self._open.total() >= self._altogether:
            raise TooManyStreams("Too many follow just now; ask with `?wait=` instead.", retry_after=BUSY_SECONDS)
        self._open[who] += 1
        try:
            yield
        finally:
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]
