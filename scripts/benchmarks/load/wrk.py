"""wrk, driven by a file of requests: how many a second sixteen connections get answered."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("replay.lua")
CONNECTIONS = 16


class LoadFailed(Exception):
    """The run says nothing: answers were errors, connections broke, or requests that may be sent once ran out."""


@dataclass(frozen=True, slots=True)
class Run:
    """`rate` is answers a second, `size` bytes of one."""

    rate: float
    answered: int
    size: float


def run(port: int, requests: Path, seconds: int, *, once: bool = False, connections: int = CONNECTIONS) -> Run:
    """With `once` no request may be sent twice. Raises LoadFailed."""
    program = shutil.which("wrk")
    if program is None:
        raise LoadFailed("there is no wrk; ./scripts/bench installs it through apt where it may")
    command = [program, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(SCRIPT)]
    ran = subprocess.run(
        [*command, f"http://127.0.0.1:{port}/", "--", str(requests)], capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        raise LoadFailed(f"wrk ended with {ran.returncode}: {ran.stderr[-500:]}")
    seen = json.loads(ran.stdout.rstrip().splitlines()[-1])
    if seen["refused"] or seen["broken"] or not seen["requests"]:
        raise LoadFailed(f"{seen['refused']} answers were errors and {seen['broken']} connections broke: {seen}")
    if once and seen["sent"] > seen["known"]:
        raise LoadFailed(f"{seen['known']} requests were too few for {seconds} s: {seen['sent']} were sent")
    return Run(seen["requests"] / seen["microseconds"] * 1e6, seen["requests"], seen["bytes"] / seen["requests"])
