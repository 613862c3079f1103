"""A child of the bench: its words go into a file, it is gone when we are, its memory and its CPU can be read."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.embedded.lifeline import die_with_parent

PATIENCE = 60.0
STEP = 0.05
TICKS = os.sysconf("SC_CLK_TCK")


class NotStarted(Exception):
    """It ended, or did not answer in time; the text has its last words."""


@dataclass(frozen=True, slots=True)
class Process:
    name: str
    pid: int
    log: Path
    popen: subprocess.Popen[str]

    @property
    def memory(self) -> float:
        """What is resident now, in MiB."""
        return self._status("VmRSS")

    @property
    def peak(self) -> float:
        """The most that ever was, in MiB."""
        return self._status("VmHWM")

    @property
    def tail(self) -> str:
        return self.log.read_bytes()[-2000:].decode(errors="replace")

    def until_answering(self, url: str) -> None:
        """Raises NotStarted."""
        with httpx.Client(trust_env=False, timeout=5) as client:
            self.until(lambda: _answers(client, url), f"answers at {url}")

    def until(self, it: Callable[[], bool], does: str) -> None:
        """Raises NotStarted if it ends, or never does."""
        end = time.monotonic() + PATIENCE
        while not it():
            if self.popen.poll() is not None or time.monotonic() > end:
                raise NotStarted(f"{self.name} never {does}:\n{self.tail}")
            time.sleep(STEP)

    def _status(self, name: str) -> float:
        lines = (Path("/proc") / str(self.pid) / "status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def family_cpu(pid: int) -> float:
    """Seconds so far, of user and system, of a process and all that descend from it, ended children included."""
    try:
        fields = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
        tasks = [task / "children" for task in (Path("/proc") / str(pid) / "task").iterdir()]
        children = [int(child) for each in tasks for child in each.read_text().split()]
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS + sum(map(family_cpu, children))


@contextmanager
def running(
    name: str, command: Sequence[str], *, environment: Mapping[str, str], folder: Path, log: Path, patience: float = 15
) -> Iterator[Process]:
    """SIGTERM at the end, SIGKILL after so many seconds. Start it from the main thread."""
    with log.open("ab") as words:
        popen = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=words,
            text=True,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509, no thread of ours runs yet
        )
    try:
        yield Process(name, popen.pid, log, popen)
    finally:
        _end(popen, patience)


def _end(popen: subprocess.Popen[str], patience: float) -> None:
    popen.send_signal(signal.SIGCONT)
    popen.terminate()
    try:
        popen.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        popen.kill()
        popen.communicate()


def _answers(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).status_code < 500
    except httpx.TransportError:
        return False
