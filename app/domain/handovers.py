"""Creates of clients that have no idempotency key, and send one again when its connection drops.

Whether a create is new, or an earlier one again, depends on what became of the earlier answer: it was handed over
whole, or its client had gone before. So every such create is a handover from its arrival on, and an identical one (same
key, same face, same body) looks at those before it:

- One that was answered has nothing to do with it: the same ordered twice is two orders.
- One that bought, and whose client has gone, is what is asked for again. One of those who ask takes it, whose handover
  it then is: four dropped creates, each sent again, are four predictions.
- One that is open may be its predecessor all the same, since a hang-up may be noticed later than the retry arrives.
  Nobody guesses: it is looked at until NOTICE after our arrival, when a hang-up from before it must have been noticed.
  One that stands then was ordered side by side with this.
- One whose client has gone while it is being bought is waited for.
- One of another process counts as standing when that process has said so since, and as dropped when that process has
  said nothing for SILENCE while we were looking: it died, and its connections with it. If it has bought nothing yet, it
  never will: its row is removed, and a create without its row is undone.

And whoever has gone himself before anything was bought for him does not buy beside another: who arrived after him may
be himself, sooner through than his former self. Alone he is served as if he were there; he may not care for answers.

What this cannot see: a proxy that keeps its connection to us while its client hangs up (nginx does not, unless told to
by `proxy_ignore_client_abort`), and an answer that was lost behind us after we had handed it over. Those buy again. And
a process that is killed in the moment between an answer and its note leaves one that looks dropped. An Idempotency-Key
is exact, and turns this off for its request.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

NOTICE = timedelta(seconds=0.3)
"""A hang-up that comes by another way than the retry is noticed within this; one way is lost packets' delay long."""
BEAT = timedelta(seconds=0.5)
SILENCE = 6 * BEAT
ARRIVED_TOGETHER = timedelta(seconds=0.05)
"""Arrivals this near are in no order: each is reckoned from another clock's time."""


class State(StrEnum):
    OPEN = "open"
    GONE = "gone"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Handover:
    """`id` is in the order of registration; `prediction_id` is what was bought; `process` told of it at `seen_at`."""

    id: int
    process: UUID
    state: State
    prediction_id: UUID | None
    arrived_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Buy:
    """`void` are creates of dead processes, to be removed before."""

    void: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Take:
    """What an earlier one bought."""

    id: int


@dataclass(frozen=True, slots=True)
class Wait:
    """The fate of an earlier one is not known yet."""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Nobody is there any more, and another does it."""


Verdict = Buy | Take | Wait | Withdraw


@dataclass(slots=True)
class Watch:
    """One create, looking at the others. Times are the database's."""

    id: int
    process: UUID
    arrived_at: datetime
    _first_looks: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)

    def judge(self, others: Iterable[Handover], now: datetime, *, is_gone: bool) -> Verdict:
        """`is_gone`: our own client. `others` are identical and recent, the oldest first."""
        known = list(others)
        for each in known:
            self._first_looks.setdefault(each.id, (each.seen_at, now))
        if is_gone:
            return Withdraw() if any(self._does_it(each) for each in known) else Buy()
        return self._judged([each for each in known if each.id < self.id and each.state is not State.ANSWERED], now)

    def _judged(self, earlier: list[Handover], now: datetime) -> Verdict:
        dropped = [each for each in earlier if self._is_dropped(each, now)]
        bought = [each.id for each in dropped if each.prediction_id is not None]
        if bought:
            return Take(bought[0])
        dead = [each.id for each in dropped if self._is_silent(each, now)]
        if all(each.id in dead or self._stands(each, now) for each in earlier):
            return Buy(tuple(dead))
        return Wait()

    def _does_it(self, other: Handover) -> bool:
        """What we need not buy, having gone."""
        if other.state is State.ANSWERED:
            return other.arrived_at >= self.arrived_at - ARRIVED_TOGETHER
        return other.state is State.OPEN or other.prediction_id is not None or other.id < self.id

    def _is_dropped(self, other: Handover, now: datetime) -> bool:
        return other.state is State.GONE or self._is_silent(other, now)

    def _stands(self, other: Handover, now: datetime) -> bool:
        if other.state is not State.OPEN:
            return False
        told_at = now if other.process == self.process else other.seen_at
        return told_at >= self.arrived_at + NOTICE

    def _is_silent(self, other: Handover, now: datetime) -> bool:
        """By our own watching: its last word may be old because the database was away."""
        last_word, looked_at = self._first_looks[other.id]
        return other.process != self.process and other.seen_at == last_word and now - looked_at >= SILENCE
