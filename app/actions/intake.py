"""The intake of the webhook door: what it keeps deliveries with, and when it lets the workers apply them.

A delivery that comes when little does is applied in the commit that keeps it. In a rush the door only keeps: many in
one commit, each acknowledged once that is durable, and applied by a worker a moment later. Providers wait seconds for
an acknowledgement and then call again, so that in a rush whatever else the door did would make it longer.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

import structlog

from app.db import intake
from app.db.engine import Database
from app.db.group_commit import GroupCommit
from app.db.inbox import Delivery
from app.db.intake import Taken

log = structlog.get_logger()
AT_ONCE = 4
"""So many connections the door has, and so many it applies at once; one more would have to wait for its turn."""
RUSH = 100
"""So many within a second are one. Applying takes 2–5 ms: from a fifth to a half of what one process could apply."""


class Intake:
    def __init__(self, database: Database) -> None:
        self.database = database
        self._together = GroupCommit[Delivery, Taken](self._keep_all, writers=3)
        self._came: deque[float] = deque(maxlen=RUSH)
        self._applying = 0

    def note_arrival(self) -> None:
        self._came.append(monotonic())

    @property
    def is_rushed(self) -> bool:
        if self._applying >= AT_ONCE:
            return True
        return len(self._came) == RUSH and monotonic() - self._came[0] < 1

    @contextmanager
    def applying(self) -> Iterator[None]:
        """Around a delivery that is applied here, in the commit that keeps it."""
        self._applying += 1
        try:
            yield
        finally:
            self._applying -= 1

    async def keep(self, delivery: Delivery) -> Taken:
        return await self._together.add(delivery)

    async def _keep_all(self, given: Sequence[Delivery]) -> list[Taken]:
        taken = await intake.keep_all(self.database, given)
        log.info("deliveries kept", count=len(taken), known=sum(each.is_known for each in taken))
        return taken
