"""One question of the doctor's, answered."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from enum import StrEnum

import structlog

CHECK_SECONDS = 45.0
log = structlog.get_logger()


class State(StrEnum):
    OK = "ok"
    BAD = "bad"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """`said` is what was seen, `cure` what to do about it; neither carries a secret."""

    name: str
    state: State
    said: str
    cure: str | None = None

    @property
    def is_bad(self) -> bool:
        return self.state is State.BAD


def ok(name: str, said: str) -> Finding:
    return Finding(name, State.OK, said)


def bad(name: str, said: str, cure: str) -> Finding:
    return Finding(name, State.BAD, said, cure)


def skipped(name: str, why: str) -> Finding:
    return Finding(name, State.SKIPPED, why)


async def looked_at(name: str, check: Awaitable[Finding]) -> Finding:
    """A check that hangs or breaks is a finding too."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check
    except TimeoutError:
        return bad(name, f"no answer within {CHECK_SECONDS:g} s", "Look at the network between here and there")
    except Exception as error:
        log.error("check broke", check=name, exc_info=error)
        return bad(name, f"could not be looked at ({type(error).__name__})", "The log has the details")
