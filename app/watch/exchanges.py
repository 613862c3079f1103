"""What was said upstream for the work at hand, call by call and without secrets: for its receipt, never for a log.

An action opens a recording around its calls; whoever makes them adds to it. Without one nobody describes anything.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal

Purpose = Literal["create", "look", "cancel"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """`request` and `answer` are as JSON: `headers`, `content_type`, `bytes`, and `body` or `parts`. Without an answer
    `trouble` says why. `seconds` is how long it took, `began` when on this process's own steady clock."""

    purpose: Purpose
    method: str
    url: str = field(repr=False)
    request: dict[str, Any] = field(repr=False)
    status: int | None
    answer: dict[str, Any] | None = field(repr=False)
    trouble: str | None
    seconds: float
    began: float


@dataclass(slots=True)
class Recording:
    """`hidden` are secrets of this one prediction, beside those that are always left out."""

    purpose: Purpose
    hidden: tuple[str, ...] = field(repr=False)
    said: list[Exchange] = field(default_factory=list)


_recording: ContextVar[Recording | None] = ContextVar("recording", default=None)


@contextmanager
def recorded(into: list[Exchange], purpose: Purpose, *hidden: str) -> Iterator[None]:
    """What is said meanwhile, in this task and in those that it starts, is added to the list."""
    token = _recording.set(Recording(purpose, hidden, into))
    try:
        yield
    finally:
        _recording.reset(token)


def current() -> Recording | None:
    return _recording.get()
