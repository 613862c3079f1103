"""What a prediction owes next, and by when.

A row owes at most one thing at a time. `due_at` says when somebody should do it and `deadline_at` when it stops being
worth doing; both are times of the database. Whoever takes the work moves `due_at` a lease ahead and leaves a token
(`db.owed`), so that a dead worker's work falls due again and a late one changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.rates import Rate


class WorkKind(StrEnum):
    SUBMIT = "submit"
    RECONCILE = "reconcile"
    COLLECT = "collect"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Work:
    kind: WorkKind
    due_at: datetime
    deadline_at: datetime
    attempts: int = 0
    waits_since: datetime | None = None
    """Since when it waits for its turn at the provider; meanwhile the clock of its deadline stands still."""

    def due_after(self, pause: timedelta, now: datetime) -> "Work":
        """The same work later, though no later than its deadline, so that somebody comes to end it."""
        return replace(self, due_at=min(now + pause, self.deadline_at))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a provider's ways ask of our clock.

    `output_lifetime`: how long outputs can be fetched after the end. `usual_time`: how long a job commonly takes, so
    when to look first. `longest_time`: when an unfinished job is given up. `look_every`: the longest pause between two
    looks; a lost webhook heals within it. `submit_within`: how long an unreachable provider is tried.
    `adopt_within`: how long a create that may have been heard is searched for. `cancel_within`: how long a cancel is
    shown as under way. `resend_after`: after how long a create that the provider's list never showed may be sent
    again; None, the default, means never, since no list is promised to be complete. `look_at_least`: the shortest pause
    between two looks, where the provider asks for one.

    Of all our processes together the provider allows `creates` within any window of that length, and `at_once`
    unfinished predictions; None is no bound. Who waits for a turn longer than `wait_within` is given up.
    """

    output_lifetime: timedelta = timedelta(minutes=5)
    usual_time: timedelta = timedelta(seconds=5)
    longest_time: timedelta = timedelta(hours=1)
    look_every: timedelta = timedelta(seconds=15)
    submit_within: timedelta = timedelta(minutes=10)
    adopt_within: timedelta = timedelta(minutes=10)
    cancel_within: timedelta = timedelta(minutes=1)
    resend_after: timedelta | None = None
    look_at_least: timedelta = timedelta()
    creates: Rate | None = None
    at_once: int | None = None
    wait_within: timedelta = timedelta(hours=24)

    @property
    def is_limited(self) -> bool:
        return self.creates is not None or self.at_once is not None

    def look_after(self, attempts: int) -> timedelta:
        """The pause before look number `attempts`: the usual time first, then 2, 4, 8… seconds up to `look_every`."""
        wished = self.usual_time if attempts == 0 else timedelta(seconds=2 ** min(attempts, 10))
        return max(min(wished, self.look_every), self.look_at_least)


def backoff(attempts: int, longest: timedelta = timedelta(seconds=30)) -> timedelta:
    """Half a second, doubled for every attempt that failed, up to `longest`."""
    return min(timedelta(seconds=0.5 * 2 ** min(max(attempts - 1, 0), 20)), longest)
