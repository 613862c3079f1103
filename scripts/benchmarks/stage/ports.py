"""Loopback ports below those that the kernel hands out itself. BENCH_PORT moves the first of them."""

import os
import socket

FIRST = int(os.environ.get("BENCH_PORT", "18400"))
MOST = 40


def emulator() -> int:
    """Always the same, since web and worker are told it before it runs."""
    return FIRST


def take() -> int:
    """One that nobody listens at now. Raises RuntimeError when there is none."""
    for port in range(FIRST + 1, FIRST + MOST):
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
