"""Which create is an earlier one again: case by case, and in every order in which things may come to pass."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.handovers import BEAT, NOTICE, SILENCE, Buy, Handover, State, Take, Wait, Watch, Withdraw

T0 = datetime(2026, 11, 1, 10, tzinfo=UTC)
HERE, THERE = UUID(int=1), UUID(int=2)
BOUGHT = uuid4()
TICK = timedelta(seconds=0.001)


def other(number: int = 1, state: State = State.OPEN, prediction_id: UUID | None = None, **told: object) -> Handover:
    known = Handover(number, HERE, state, prediction_id, arrived_at=T0, seen_at=T0)
    return replace(known, **told)  # type: ignore[arg-type]


def watch(number: int = 2) -> Watch:
    return Watch(number, HERE, T0)


def test_alone_it_is_bought() -> None:
    assert watch().judge([], T0, is_gone=False) == watch().judge([], T0, is_gone=True) == Buy()


def test_what_was_answered_is_another_order() -> None:
    assert watch().judge([other(state=State.ANSWERED, prediction_id=BOUGHT)], T0, is_gone=False) == Buy()


def test_what_was_bought_for_nobody_is_taken_the_oldest_first() -> None:
    lost = [other(each, State.GONE, BOUGHT) for each in (1, 2)]
    assert watch(3).judge([other(0), *lost], T0, is_gone=False) == Take(1)


def test_what_came_later_is_nobody_s_predecessor() -> None:
    assert watch(2).judge([other(3), other(4, State.GONE, BOUGHT)], T0, is_gone=False) == Buy()


@pytest.mark.parametrize("prediction_id", [None, BOUGHT])
def test_an_open_one_is_waited_for_until_a_hang_up_must_have_been_noticed(prediction_id: UUID | None) -> None:
    ours, stands = watch(), other(prediction_id=prediction_id)
    assert ours.judge([stands], T0 + NOTICE - TICK, is_gone=False) == Wait()
    assert ours.judge([stands], T0 + NOTICE, is_gone=False) == Buy()


def test_an_open_one_elsewhere_stands_when_it_is_told_so() -> None:
    ours, there = watch(), other(process=THERE, seen_at=T0 + NOTICE - TICK)
    assert ours.judge([there], T0 + NOTICE + BEAT, is_gone=False) == Wait()
    assert ours.judge([replace(there, seen_at=T0 + NOTICE)], T0 + NOTICE + BEAT, is_gone=False) == Buy()


def test_a_process_that_says_nothing_is_dead_and_its_creates_are_dropped() -> None:
    ours, there = watch(), [other(1, process=THERE), other(2, prediction_id=BOUGHT, process=THERE)]
    looked_at = T0 + timedelta(hours=1)  # its last word is old, but that may have been our database
    assert ours.judge(there[:1], looked_at, is_gone=False) == Wait()
    assert ours.judge(there[:1], looked_at + SILENCE, is_gone=False) == Buy(void=(1,))
    ours = watch(3)
    assert ours.judge(there, looked_at, is_gone=False) == Wait()
    assert ours.judge(there, looked_at + SILENCE, is_gone=False) == Take(2)


def test_one_that_is_gone_and_still_being_bought_is_waited_for() -> None:
    assert watch().judge([other(state=State.GONE)], T0 + 10 * NOTICE, is_gone=False) == Wait()


def test_who_has_gone_buys_beside_nobody() -> None:
    early = T0 - timedelta(seconds=1)
    for beside in (
        other(1),
        other(3),
        other(3, State.GONE, BOUGHT),
        other(1, State.GONE),
        other(3, State.ANSWERED, BOUGHT),
    ):
        assert watch().judge([beside], T0, is_gone=True) == Withdraw()
    for beside in (other(3, State.GONE), other(1, State.ANSWERED, BOUGHT, arrived_at=early)):
        assert watch().judge([beside], T0, is_gone=True) == Buy()


@dataclass
class World:
    """One process and its database, as plainly as can be. `answers` are what clients got, by client."""

    rows: dict[int, Handover] = field(default_factory=dict)
    now: datetime = T0
    purchases: int = 0
    answers: dict[int, UUID] = field(default_factory=dict)
    registered: int = 0

    def set(self, number: int, **told: object) -> None:
        if number in self.rows:
            self.rows[number] = replace(self.rows[number], seen_at=self.now, **told)  # type: ignore[arg-type]


@dataclass(eq=False)
class Attempt:
    """One create of a client, paused wherever others may get their turn. Its line may drop at any time; that is known
    to itself at once, and written down a little later."""

    world: World
    client: int
    arrived_at: datetime
    number: int = 0
    dropped_at: datetime | None = None
    is_written_down: bool = False
    is_over: bool = False

    def write_down(self) -> None:
        self.is_written_down = True
        if self.number and self.world.rows.get(self.number, other(state=State.ANSWERED)).state is State.OPEN:
            self.world.set(self.number, state=State.GONE)

    def goes(self) -> Iterator[None]:
        yield  # its head and body are read, its key is looked up
        world = self.world
        world.registered += 1
        self.number = world.registered
        state = State.GONE if self.is_written_down else State.OPEN
        world.rows[self.number] = Handover(self.number, HERE, state, None, self.arrived_at, world.now)
        yield
        yield from self._served()
        self.is_over = True

    def _served(self) -> Iterator[None]:
        world, ours = self.world, Watch(self.number, HERE, self.arrived_at)
        while True:
            others = [each for each in world.rows.values() if each.id != self.number]
            match ours.judge(others, world.now, is_gone=self.dropped_at is not None):
                case Take(found):
                    world.set(self.number, prediction_id=world.rows.pop(found).prediction_id)
                    break
                case Buy():
                    yield
                    world.purchases += 1
                    world.set(self.number, prediction_id=uuid4())
                    break
                case Withdraw():
                    del world.rows[self.number]
                    return
            yield
        yield
        if self.dropped_at is not None:
            world.set(self.number, state=State.GONE)
            return
        bought = world.rows[self.number].prediction_id
        assert bought is not None
        world.answers[self.client] = bought
        yield
        world.set(self.number, state=State.ANSWERED)


def live(world: World, drops: list[int], draw: Callable[[int], int]) -> None:
    """Each client's line drops as often as it says, upon which he asks again at once; then it holds. `draw` chooses
    who goes on next, and what happens."""
    left = list(drops)
    running: dict[Attempt, Iterator[None]] = {}

    def ask(client: int) -> None:
        attempt = Attempt(world, client, world.now)
        running[attempt] = attempt.goes()

    for client in range(len(drops)):
        ask(client)
    while running:
        attempt = list(running)[draw(len(running))]
        what = draw(5)
        if what == 0 and left[attempt.client] and attempt.dropped_at is None and attempt.client not in world.answers:
            left[attempt.client] -= 1
            attempt.dropped_at = world.now
            ask(attempt.client)
        elif what == 1 and attempt.dropped_at is not None:
            attempt.write_down()
        elif what == 2:
            world.now += NOTICE / 8
        elif next(running[attempt], running) is running:
            del running[attempt]
        for each in running:
            if each.dropped_at is not None and world.now - each.dropped_at >= NOTICE / 2:
                each.write_down()


@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_every_client_gets_one_of_his_own_and_no_retry_buys(drops: list[int], lot: Random) -> None:
    world = World()
    live(world, drops, lot.randrange)
    assert len(set(world.answers.values())) == len(drops)
    assert world.purchases <= len(drops)


@given(st.integers(1, 5), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_as_many_as_were_ordered_side_by_side_are_bought(orders: int, lot: Random) -> None:
    world = World()
    live(world, [0] * orders, lot.randrange)
    assert world.purchases == len(set(world.answers.values())) == orders
