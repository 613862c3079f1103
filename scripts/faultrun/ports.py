"""Loopback ports below those that the kernel hands out itself, so that nobody takes one while its owner is down."""

import random
import socket

FIRST, LAST = 20_000, 32_000
ATTEMPTS = 200
CANARY_HOST = "127.0.0.9"


def free_port(host: str = "127.0.0.1", taken: set[int] | None = None) -> int:
    """Not from the run's seed: two runs side by side must not meet. Raises RuntimeError when none is found."""
    taken = set() if taken is None else taken
    for _ in range(ATTEMPTS):
        port = random.SystemRandom().randrange(FIRST, LAST)
        if port not in taken and _is_free(host, port):
            taken.add(port)
            return port
    raise RuntimeError(f"no free port between {FIRST} and {LAST} on {host}")


def free_ports(count: int) -> list[int]:
    taken: set[int] = set()
    return [free_port(taken=taken) for _ in range(count)]


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
