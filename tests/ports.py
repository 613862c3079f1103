"""Loopback ports for servers that tests start: each test worker has its own, and gives none out twice in a row."""

import os
import random
import socket
from itertools import count

# below the fault run's, below those that the kernel hands out itself, and above 10080, the last of the ports
# that browsers and Node refuse to fetch from (https://fetch.spec.whatwg.org/#port-blocking)
FIRST, LAST = 11_000, 20_000
FOR_EACH = 1_000
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_begin = FIRST + _worker % ((LAST - FIRST) // FOR_EACH) * FOR_EACH
_steps = count(random.SystemRandom().randrange(FOR_EACH))


def free_port() -> int:
    """Raises RuntimeError when none is free."""
    for _ in range(FOR_EACH):
        port = _begin + next(_steps) % FOR_EACH
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"no free port in {_begin}–{_begin + FOR_EACH - 1}")
