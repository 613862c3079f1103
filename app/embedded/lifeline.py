"""Children that do not outlive us, even when we are killed with -9."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
_LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None) if _LINUX else None  # loaded here, since after a fork is no time for the dynamic loader

_WATCH = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.stdin.buffer.read()
try:
    os.kill(int(sys.argv[1]), int(sys.argv[2]))
except ProcessLookupError:
    pass
"""


def die_with_parent(with_signal: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` after which the child gets the signal when we die.

    Linux counts the *thread* that forked as the parent, so start children from the main thread.
    """
    parent = os.getpid()

    def bind() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored in what a script runs in the background, and inherited
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(with_signal))
        if os.getppid() != parent:  # we died between the fork and the line above: no signal will come
            os._exit(1)

    return bind


class Watchdog:
    """What macOS has instead: a process that reads a pipe of ours and sends the signal when it ends."""

    def __init__(self, pid: int, with_signal: signal.Signals) -> None:
        self._process = subprocess.Popen(  # noqa: S603, our own interpreter
            [sys.executable, "-I", "-S", "-c", _WATCH, str(pid), str(int(with_signal))],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    @classmethod
    def where_needed(cls, pid: int, with_signal: signal.Signals) -> "Watchdog | None":
        return None if _LINUX else cls(pid, with_signal)

    def dismiss(self) -> None:
        self._process.kill()
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()
