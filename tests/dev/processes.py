"""What tests ask about processes: whether they live, and whether something has come true in time."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path


def is_alive(pid: int) -> bool:
    """A zombie is dead: it only waits for its parent to hear of it."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in ("Z", "X")


async def until(holds: Callable[[], bool], seconds: float = 60, what: str = "") -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, what or f"not within {seconds} s"
        await asyncio.sleep(0.02)
