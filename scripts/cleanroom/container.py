"""What an engine does with an image: a command in its read-only root, as its user, until it is told to stop."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.embedded.lifeline import die_with_parent
from scripts.cleanroom.namespaces import ROOT, Account, within


@dataclass(frozen=True)
class Root:
    """Where containers run: a mounted root, and as what its image runs in it."""

    path: Path
    environment: Mapping[str, str]
    workdir: str
    account: Account

    def call(
        self, words: Sequence[str], given: Mapping[str, str], *, as_root: bool = False, patience: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """To its end, as `docker exec` would; TimeoutExpired beyond the patience, in seconds."""
        command = within(self.path, self.workdir, ROOT if as_root else self.account, words)
        environment = self.complete(given)
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=patience)

    @contextmanager
    def running(self, words: Sequence[str], environment: Mapping[str, str], log: IO[bytes]) -> Iterator["Container"]:
        """Killed at the end, if it has not ended."""
        command = within(self.path, self.workdir, self.account, words)
        process = subprocess.Popen(
            command,
            env=self.complete(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509, from the main thread
        )
        try:
            yield Container(process)
        finally:
            process.kill()
            process.wait()

    def complete(self, environment: Mapping[str, str]) -> dict[str, str]:
        """The image's own, its user's home as engines set it, then what is given."""
        return {"HOME": _home(self.path, self.account), **self.environment, **environment}


class Container:
    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.pid = process.pid

    @property
    def status(self) -> dict[str, str]:
        """/proc/PID/status of the command itself: Uid, CapBnd, NoNewPrivs, …"""
        lines = Path(f"/proc/{self._first()}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    @property
    def peak_mib(self) -> float:
        return int(self.status["VmHWM"].removesuffix("kB")) / 1024

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def terminate(self) -> None:
        os.kill(self._first(), signal.SIGTERM)

    def wait(self, patience: float) -> int:
        """Its exit code; TimeoutExpired beyond the patience, in seconds."""
        return self._process.wait(patience)

    def _first(self) -> int:
        """PID 1 of its namespace, as this machine counts it."""
        (pid,) = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return int(pid)


def _home(root: Path, account: Account) -> str:
    rows = (line.split(":") for line in (root / "etc/passwd").read_text().splitlines())
    return next((row[5] for row in rows if row[2] == str(account.uid)), "/")
