"""Who wants to know that a prediction changed: Postgres notifications, the id as payload. Deliveries have a channel of
their own, for those who watch everything."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy import ColumnElement, Text, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.db.address import Address
from app.db.engine import Transaction

CHANNEL = "darkroom_changes"
DELIVERIES = "darkroom_deliveries"
RECONNECT_SECONDS = 0.5
LOOK_WITHOUT_LISTENING_SECONDS = 1.0
LOOK_ANYWAY_SECONDS = 10.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class News:
    """Of one row; `everything` where nobody knows what was missed."""

    of: Literal["prediction", "delivery", "everything"]
    id: UUID | None = None


EVERYTHING = News("everything")


async def tell(tx: Transaction, *prediction_ids: UUID) -> None:
    """Heard by everybody once the transaction has committed."""
    each = func.unnest(cast([str(each) for each in prediction_ids], ARRAY(Text)))
    await tx.execute(select(func.pg_notify(CHANNEL, each)))


def telling_of_delivery(delivery_id: ColumnElement[UUID]) -> ColumnElement[None]:
    """For a statement's RETURNING, so that a delivery costs no statement more."""
    return func.pg_notify(DELIVERIES, cast(delivery_id, Text))


class Changes:
    """One listening connection for a process, and the events of those who wait in it."""

    def __init__(self, address: Address | None) -> None:
        """Without an address to listen at, those who wait look every second."""
        self._address = address
        self._waiting: dict[UUID, set[asyncio.Event]] = {}
        self._followers: set[Callable[[News], None]] = set()
        self.is_listening = False

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
        """It is called with all news, and must not block."""
        self._followers.add(follower)
        try:
            yield
        finally:
            self._followers.discard(follower)

    def wake(self, prediction_id: UUID) -> None:
        for event in self._waiting.get(prediction_id, ()):
            event.set()

    def _wake_all(self) -> None:
        for prediction_id in list(self._waiting):
            self.wake(prediction_id)
        self._pass_on(EVERYTHING)

    def _pass_on(self, news: News) -> None:
        for follower in tuple(self._followers):
            follower(news)

    async def _listen_for_ever(self) -> None:
        while self._address is not None:
            try:
                await self._listen(self._address)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("notifications interrupted", reason=type(error).__name__)
            self.is_listening = False
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self, address: Address) -> None:
        connection = await address.connect()
        gone = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: gone.set())
            await connection.add_listener(CHANNEL, self._on_notification)
            await connection.add_listener(DELIVERIES, self._on_delivery)
            self.is_listening = True
            self._wake_all()
            await gone.wait()
        finally:
            connection.terminate()

    def _on_notification(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        with suppress(ValueError):
            prediction_id = UUID(str(payload))
            self.wake(prediction_id)
            self._pass_on(News("prediction", prediction_id))

    def _on_delivery(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        with suppress(ValueError):
            self._pass_on(News("delivery", UUID(str(payload))))


class Change:
    def __init__(self, changes: Changes, event: asyncio.Event) -> None:
        self._changes = changes
        self._event = event

    async def wait(self, seconds: float) -> None:
        """Until something may have changed, at most `seconds`; sooner while nobody listens, so callers look again."""
        longest = LOOK_ANYWAY_SECONDS if self._changes.is_listening else LOOK_WITHOUT_LISTENING_SECONDS
        with suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, longest)):
                await self._event.wait()
        self._event.clear()
