"""A prediction was created, has succeeded, failed or was canceled: told to whoever listens in this process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

End = Literal["created", "succeeded", "failed", "canceled"]


@dataclass(frozen=True, slots=True)
class Milestone:
    """`seconds` since it was created; `code` is of its error. Nothing here is what somebody wrote."""

    prediction_id: UUID
    owner: str
    provider: str
    model: str
    end: End
    seconds: float
    code: str | None = None


Listener = Callable[[Milestone], None]
_listeners: list[Listener] = []


def tell(milestone: Milestone) -> None:
    for listener in _listeners:
        listener(milestone)


@contextmanager
def told_to(listener: Listener) -> Iterator[None]:
    """A listener returns at once and never raises."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
