"""Lets all pass, notes what passes, and strikes at the one boundary it is set to."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable

import httptools

from scripts.faultrun.pgwire import Frames
from scripts.faultrun.proxies import Link, Watcher
from scripts.faultrun.sweep.boundaries import Boundary, Cut, request_name, statement_name, victim_of

A_MOMENT = 0.004
"""Seconds until what was written has left our own buffers."""


class Trap:
    """One for a lane. `kill` is called with the victim's name, synchronously, before another byte moves."""

    def __init__(self, kill: Callable[[str], None]) -> None:
        self.ignored: set[tuple[str, str]] = set()
        """What also passes when nobody orders anything."""
        self.passed: list[Boundary] = []
        self.has_struck = False
        self._kill = kill
        self._set: Cut | None = None
        self._counts: Counter[tuple[str, str]] = Counter()

    def arm(self, cut: Cut | None) -> None:
        """A new life begins: nothing has passed yet."""
        self._set, self.has_struck = cut, False
        self.passed, self._counts = [], Counter()

    def watch(self, channel: str) -> Callable[[], Watcher]:
        return lambda: _Statements(self, channel) if channel.startswith("pg-") else _Requests(self, channel)

    def arrives(self, channel: str, name: str) -> Boundary | None:
        """A boundary's first byte is here; None if it is of no interest."""
        if (channel, name) in self.ignored:
            return None
        self._counts[channel, name] += 1
        boundary = Boundary(channel, name, self._counts[channel, name])
        self.passed.append(boundary)
        return boundary

    def stops(self, boundary: Boundary | None, link: Link) -> bool:
        """True if it must not pass: the victim died first."""
        if not self._is_set(boundary, "before"):
            return False
        self._strike(link)
        return True

    def has_passed(self, boundary: Boundary | None, link: Link) -> None:
        if self._is_set(boundary, "after"):
            self.has_struck = True
            asyncio.get_running_loop().call_later(A_MOMENT, self._strike, link)

    def cuts_reply(self, boundary: Boundary | None, link: Link) -> bool:
        if not self._is_set(boundary, "cut"):
            return False
        self.has_struck = True
        link.cut()
        return True

    def _is_set(self, boundary: Boundary | None, how: str) -> bool:
        armed = self._set
        return not self.has_struck and armed is not None and armed.boundary == boundary and armed.how == how

    def _strike(self, link: Link) -> None:
        self.has_struck = True
        if self._set is not None:
            self._kill(victim_of(self._set.boundary.channel))
        link.cut()


class _Statements:
    """A connection to Postgres: a group of messages is whatever comes with one Execute or Query."""

    def __init__(self, trap: Trap, channel: str) -> None:
        self._trap, self._channel = trap, channel
        self._frames = Frames(has_startup=True)
        self._texts: dict[bytes, str] = {}
        self._bound = ""
        self._last_change = ""
        self._unanswered: Boundary | None = None

    def upward(self, data: bytes, link: Link) -> bool:
        name = self._name_of(data)
        if not name:
            return True
        boundary = self._trap.arrives(self._channel, name)
        if self._trap.stops(boundary, link):
            return False
        self._unanswered = boundary
        self._trap.has_passed(boundary, link)
        return True

    def downward(self, data: bytes, link: Link) -> bool:
        boundary, self._unanswered = self._unanswered, None
        return not self._trap.cuts_reply(boundary, link)

    def _name_of(self, data: bytes) -> str:
        run = []
        for kind, content in self._frames.of(data):
            if kind == b"P":
                name, _, rest = content.partition(b"\0")
                self._texts[name] = rest.partition(b"\0")[0].decode(errors="replace")
            elif kind == b"B":
                self._bound = self._texts.get(content.partition(b"\0")[2].partition(b"\0")[0], "")
            elif kind == b"E":
                run.append(statement_name(self._bound))
            elif kind == b"Q":
                run.append(statement_name(content.rstrip(b"\0").decode(errors="replace")))
        return self._in_context("; ".join(run)) if run else ""

    def _in_context(self, name: str) -> str:
        """A COMMIT alone says nothing: it is named after what it makes durable."""
        if name.startswith(("INSERT", "UPDATE", "DELETE")):
            self._last_change = name
        elif name == "BEGIN":
            self._last_change = ""
        elif name in ("COMMIT", "ROLLBACK"):
            return f"{name} of {self._last_change or 'reading'}"
        return name


class _Requests:
    """A connection that speaks HTTP: requests and replies are boundaries of their own."""

    def __init__(self, trap: Trap, channel: str) -> None:
        self._trap, self._channel = trap, channel
        self._asking, self._telling = _Message(), _Message()
        self._requests = httptools.HttpRequestParser(self._asking)
        self._replies = httptools.HttpResponseParser(self._telling)
        self._names: deque[str] = deque()
        self._request: Boundary | None = None
        self._reply: Boundary | None = None

    def upward(self, data: bytes, link: Link) -> bool:
        if not self._asking.has_begun:
            method, _, rest = data.partition(b" ")
            name = request_name(method.decode("latin-1"), rest.partition(b" ")[0].decode("latin-1"))
            self._names.append(name)
            self._request = self._trap.arrives(self._channel, name)
            if self._trap.stops(self._request, link):
                return False
        if _fed(self._requests, data) and self._asking.is_over():
            self._trap.has_passed(self._request, link)
        return True

    def downward(self, data: bytes, link: Link) -> bool:
        if self._trap.cuts_reply(self._request, link):
            return False
        if not self._telling.has_begun:
            name = self._names.popleft() if self._names else "nothing"
            self._reply = self._trap.arrives(self._channel, f"reply to {name}")
            if self._trap.stops(self._reply, link):
                return False
        if _fed(self._replies, data) and self._telling.is_over():
            self._trap.has_passed(self._reply, link)
        return True


class _Message:
    """Where in a message a parser is."""

    def __init__(self) -> None:
        self.has_begun = False
        self._is_complete = False

    def is_over(self) -> bool:
        """Once for each message."""
        over, self._is_complete = self._is_complete, False
        return over

    def on_message_begin(self) -> None:
        self.has_begun, self._is_complete = True, False

    def on_message_complete(self) -> None:
        self.has_begun, self._is_complete = False, True


def _fed(parser: "httptools.HttpRequestParser | httptools.HttpResponseParser", data: bytes) -> bool:
    try:
        parser.feed_data(data)
    except httptools.HttpParserError:
        return False
    return True
