"""The whole house as its own processes, as `./scripts/up` runs it, for tests that kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx

from tests.emulator.process import ROOT
from tests.ports import free_port

PATIENCE = 60.0


@dataclass(frozen=True)
class Up:
    process: subprocess.Popen[str]
    client: httpx.Client
    emulator: httpx.Client
    data: Path

    def create(self, prompt: str) -> str:
        """Its id; asked again with the same key while the house is shaken, as a careful client does."""
        body = {"model": "truefusion-pro", "input": {"prompt": prompt}}
        answer = self._patiently(
            "POST", "/api/predictions", json=body, headers={"Idempotency-Key": prompt.replace(" ", "-")}
        )
        return str(answer.json()["id"])

    def all(self) -> list[dict[str, Any]]:
        return list(self._patiently("GET", "/api/predictions?limit=100").json()["data"])

    def read(self, prediction_id: str) -> dict[str, Any]:
        return dict(self._patiently("GET", f"/api/predictions/{prediction_id}").json())

    def until(self, prediction_id: str, *stages: str) -> dict[str, Any]:
        end = monotonic() + PATIENCE
        while (found := self.read(prediction_id))["stage"] not in stages:
            assert monotonic() < end, f"never came to {stages}: {found}"
            sleep(0.02)
        return found

    def wait(self, is_so: Callable[[], bool]) -> None:
        end = monotonic() + PATIENCE
        while not is_so():
            assert monotonic() < end, "did not come true in time"
            sleep(0.01)

    def pid(self, *words: str) -> int:
        """The process below `up` whose command line has all these words."""
        found = [pid for pid in _below(self.process.pid) if all(word in _command(pid) for word in words)]
        assert found, f"no process with {words}"
        return min(found)

    def _patiently(self, method: str, path: str, **options: Any) -> httpx.Response:
        end = monotonic() + PATIENCE
        while True:
            try:
                answer = self.client.request(method, path, **options)
                if answer.status_code < 500:
                    assert answer.is_success, answer.text
                    return answer
                assert answer.status_code == 503, answer.text
            except httpx.TransportError:
                pass
            assert monotonic() < end, f"{method} {path} not answered in time"
            sleep(0.1)


@contextmanager
def running_up(data: Path, **settings: str) -> Iterator[Up]:
    port, emulator_port = free_port(), free_port()
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment |= {"PORT": str(port), "EMULATOR_PORT": str(emulator_port), "DARKROOM_DATA": str(data)}
    environment |= {"RATE_LIMIT_GENERATE": "off"} | settings
    with (data.parent / "up.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts.dev"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert ready.startswith("ready http://"), (data.parent / "up.log").read_text()
            with _client(port) as client, _client(emulator_port) as emulator:
                yield Up(process, client, emulator, data)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE)


def _client(port: int) -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10)


def _below(pid: int) -> list[int]:
    """All descendants, by /proc."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, pending = [], [pid]
    while pending:
        below = children.get(pending.pop(), [])
        found += below
        pending += below
    return found


def _command(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
