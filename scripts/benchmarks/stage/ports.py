"""Loopback ports below those that the kernel hands out itself. BENCH_PORT moves the first of them."""

import os
import socket
from dataclasses import dataclass, field

FIRST = int(os.environ.get("BENCH_PORT", "18420"))
MOST = 40


@dataclass(slots=True)
class Ports:
    """The emulator's stays the same, since web and worker are told it before it runs."""

    emulator: int = FIRST
    _next: int = field(default=FIRST + 1)

    def take(self) -> int:
        """Raises RuntimeError when all are taken."""
        while self._next < FIRST + MOST:
            port, self._next = self._next, self._next + 1
            if _is_free(port):
                return port
        raise RuntimeError(f"no free port from {FIRST} to {FIRST + MOST}; set BENCH_PORT")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
