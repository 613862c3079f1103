"""Who wants to know that a prediction changed: Postgres notifications, the id as payload. Deliveries, keys and
deletions have channels of their own. The rows tell of themselves, by triggers (`migrations`), so that nobody who writes
can forget it.

Whoever remembers what he read may use it while `is_current`: a question goes to the server over the listening
connection four times a second, and its answer comes behind every notification of what was committed before it was
asked. While the last one that was answered is younger than a second, nothing can be missing that is older than that.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Literal
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy import ColumnElement, Text, cast, func

from app.db.address import Address

Subject = Literal["prediction", "delivery", "deletion", "key", "everything"]
DELIVERIES = "darkroom_deliveries"
DELETIONS = "darkroom_deletions"
CHANNELS: dict[str, Subject] = {
    "darkroom_changes": "prediction",
    DELIVERIES: "delivery",
    DELETIONS: "deletion",
    "darkroom_keys": "key",
}
QUESTION = "LISTEN darkroom_changes"
"""Asked again it changes nothing."""
RECONNECT_SECONDS = 0.5
PULSE_SECONDS = 0.25
CURRENT_SECONDS = 1.0
ANSWER_SECONDS = 3.0
"""A listening connection that leaves a question unanswered for so long is given up for another."""
LOOK_WITHOUT_LISTENING_SECONDS = 1.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class News:
    """Of one row; `everything` where nobody knows what was missed. Of a deletion `owner` is what `mark_of` makes of
    whose it was, since no row tells any more."""

    of: Subject
    id: UUID | None = None
    owner: str = ""


EVERYTHING = News("everything")


def telling_of_delivery(delivery_id: ColumnElement[UUID]) -> ColumnElement[None]:
    """For a statement's RETURNING, so that a delivery costs no statement more."""
    return func.pg_notify(DELIVERIES, cast(delivery_id, Text))


def telling_of_deletion(prediction_id: UUID, owner: str) -> ColumnElement[None]:
    """For a statement's RETURNING."""
    return func.pg_notify(DELETIONS, f"{prediction_id} {mark_of(owner)}")


def mark_of(owner: str) -> str:
    """As short as a notification has to be, however long a name is."""
    return hashlib.sha256(owner.encode()).hexdigest()


class Changes:
    """One listening connection for a process, and the events of those who wait in it."""

    def __init__(self, address: Address | None) -> None:
        """Without an address to listen at, those who wait look every second, and nothing is ever current."""
        self._address = address
        self._waiting: dict[UUID, set[asyncio.Event]] = {}
        self._followers: set[Callable[[News], None]] = set()
        self._current_until = 0.0
        self.is_listening = False

    @property
    def is_current(self) -> bool:
        return monotonic() < self._current_until

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._listen_for_ever())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @contextmanager
    def of(self, prediction_id: UUID) -> Iterator["Change"]:
        """Subscribe before reading the row, so that nothing between the two is missed."""
        event = asyncio.Event()
        self._waiting.setdefault(prediction_id, set()).add(event)
        try:
            yield Change(self, event)
        finally:
            self._waiting[prediction_id].discard(event)
            if not self._waiting[prediction_id]:
                del self._waiting[prediction_id]

    @contextmanager
    def followed(self, follower: Callable[[News], None]) -> Iterator[None]:
        """It is called with all news, before those who wait wake up, and must not block."""
        self._followers.add(follower)
        try:
            yield
        finally:
            self._followers.discard(follower)

    def pass_on(self, news: News) -> None:
        for follower in tuple(self._followers):
            follower(news)
        for event in self._woken_by(news):
            event.set()

    def hear_own(self, prediction_id: UUID) -> None:
        """What this process has committed itself: its readers need not wait for the notification, which comes too."""
        self.pass_on(News("prediction", prediction_id))

    def _woken_by(self, news: News) -> Iterator[asyncio.Event]:
        if news.of == "everything":
            for events in self._waiting.values():
                yield from events
        elif news.of == "prediction" and news.id is not None:
            yield from self._waiting.get(news.id, ())

    async def _listen_for_ever(self) -> None:
        while self._address is not None:
            try:
                await self._listen(self._address)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("notifications interrupted", reason=type(error).__name__)
            self._stop_trusting()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self, address: Address) -> None:
        connection = await address.connect()
        gone = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: self._lost(gone))
            for channel, subject in CHANNELS.items():
                await connection.add_listener(channel, partial(self._heard, subject))
            self.is_listening = True
            self.pass_on(EVERYTHING)
            await self._keep_current(connection, gone)
        finally:
            connection.terminate()

    async def _keep_current(self, connection: asyncpg.Connection, gone: asyncio.Event) -> None:
        while not gone.is_set():
            asked_at = monotonic()
            await connection.execute(QUESTION, timeout=ANSWER_SECONDS)
            self._current_until = asked_at + CURRENT_SECONDS
            with suppress(TimeoutError):
                async with asyncio.timeout(PULSE_SECONDS):
                    await gone.wait()

    def _lost(self, gone: asyncio.Event) -> None:
        self._stop_trusting()
        gone.set()

    def _stop_trusting(self) -> None:
        self.is_listening, self._current_until = False, 0.0

    def _heard(self, of: Subject, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        """`ID`, `ID OWNER`, or several as `ID,ID`."""
        subjects, _, owner = str(payload).partition(" ")
        with suppress(ValueError):
            for subject in subjects.split(","):
                self.pass_on(News(of, UUID(subject), owner))


class Change:
    def __init__(self, changes: Changes, event: asyncio.Event) -> None:
        self._changes = changes
        self._event = event

    async def wait(self, seconds: float) -> bool:
        """Until something may have changed, at most `seconds`; sooner while nobody listens, so callers look again.
        False if surely nothing has."""
        was_listening = self._changes.is_listening
        longest = seconds if was_listening else LOOK_WITHOUT_LISTENING_SECONDS
        with suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, longest)):
                await self._event.wait()
        is_told = self._event.is_set()
        self._event.clear()
        return is_told or not (was_listening and self._changes.is_listening)
