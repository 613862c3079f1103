"""What people read: progress and every child's lines on stderr, the one answer on stdout."""

import os
import queue
import sys
import threading
from contextlib import suppress

COLOURS = {"up": "1", "postgres": "34", "emulator": "35", "web": "32", "worker": "36", "migrate": "33"}
OTHER_COLOUR = "37"
NAME_WIDTH = 8
LINES_WAITING = 5_000


class Console:
    """Writes through a thread, so that a reader who stops reading, or leaves, never stops the house.

    What nobody reads in time is dropped, and the number of dropped lines is told.
    """

    def __init__(self, descriptor: int = 2, *, is_coloured: bool | None = None) -> None:
        self._descriptor = descriptor
        self.is_coloured = _wants_colour(descriptor) if is_coloured is None else is_coloured
        self._waiting: queue.Queue[bytes | None] = queue.Queue(LINES_WAITING)
        self._dropped = 0
        self._writer = threading.Thread(target=self._write, name="console", daemon=True)
        self._writer.start()

    def say(self, text: str) -> None:
        """The supervisor's own words."""
        for line in text.splitlines():
            self.pass_on("up", line)

    def pass_on(self, name: str, line: str) -> None:
        label = f"{name:<{NAME_WIDTH}} │"
        if self.is_coloured:
            label = f"\x1b[{COLOURS.get(name, OTHER_COLOUR)}m{label}\x1b[0m"
        self._put(f"{label} {line}\n")

    def answer(self, text: str) -> None:
        """To stdout, at once: it does not wait behind lines that nobody reads."""
        self._settle(0.2)
        _write_all(1, text.encode() + b"\n")

    def close(self, patience: float = 1.0) -> None:
        self._settle(patience)
        if self._dropped:
            self._put("")
            self._settle(patience)
        with suppress(queue.Full):
            self._waiting.put_nowait(None)
        self._writer.join(0.1)

    def _put(self, text: str) -> None:
        if self._dropped and not self._waiting.full():
            text, self._dropped = f"… {self._dropped} lines, which nobody read in time\n{text}", 0
        try:
            self._waiting.put_nowait(text.encode(errors="replace"))
        except queue.Full:
            self._dropped += 1

    def _settle(self, patience: float) -> None:
        with self._waiting.all_tasks_done:
            self._waiting.all_tasks_done.wait_for(lambda: not self._waiting.unfinished_tasks, patience)

    def _write(self) -> None:
        while (line := self._waiting.get()) is not None:
            _write_all(self._descriptor, line)
            self._waiting.task_done()


def open_standard_streams() -> None:
    """A closed one would lend its number to the next file that is opened, and be written into."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _write_all(descriptor: int, text: bytes) -> None:
    with suppress(OSError):  # the reader has left: nobody to tell
        while text:
            text = text[os.write(descriptor, text) :]


def _wants_colour(descriptor: int) -> bool:
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return os.isatty(descriptor) and sys.platform != "win32"
