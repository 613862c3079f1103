"""One line while it runs: rewritten on a terminal, now and then elsewhere. All on stderr."""

import sys
import time

from rich.console import Console

PLAIN_EVERY = 10.0


class Progress:
    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._began = time.monotonic()
        self._said = 0.0
        self._is_live = sys.stderr.isatty()
        self._status = self._console.status("") if self._is_live else None

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def phase(self, text: str) -> None:
        """Always shown, and stays."""
        self._console.print(f"[{self.seconds:6.1f} s] {text}", highlight=False, markup=False)

    def line(self, text: str) -> None:
        if self._status is not None:
            self._status.update(f"{self.seconds:6.1f} s  {text}")
            self._status.start()
        elif self.seconds - self._said >= PLAIN_EVERY:
            self._said = self.seconds
            self.phase(text)

    def close(self) -> None:
        if self._status is not None:
            self._status.stop()
