"""Spans. A prediction's trace outlives processes: its W3C `traceparent` lies in the journal's line of its creation."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Literal, Protocol

Kind = Literal["internal", "server", "client", "consumer"]


class Span(Protocol):
    def note(self, **attributes: str | int | float) -> None: ...

    def rename(self, name: str) -> None: ...


class Tracer(Protocol):
    def span(
        self, name: str, *, kind: Kind, parent: str | None, **attributes: str | int | float
    ) -> AbstractContextManager[Span]:
        """Current within its `with`. `parent` is a traceparent; without one, what is current."""

    def traceparent(self) -> str | None:
        """Of the current span."""


class _Silent:
    def note(self, **attributes: str | int | float) -> None:
        pass

    def rename(self, name: str) -> None:
        pass


_SILENT = _Silent()
_tracers: list[Tracer] = []


def is_on() -> bool:
    return bool(_tracers)


def span(
    name: str, *, kind: Kind = "internal", parent: str | None = None, **attributes: str | int | float
) -> AbstractContextManager[Span]:
    if not _tracers:
        return nullcontext(_SILENT)
    return _tracers[-1].span(name, kind=kind, parent=parent, **attributes)


def traceparent() -> str | None:
    return _tracers[-1].traceparent() if _tracers else None


@contextmanager
def traced_by(tracer: Tracer) -> Iterator[None]:
    _tracers.append(tracer)
    try:
        yield
    finally:
        _tracers.remove(tracer)
