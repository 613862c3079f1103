"""`up` on data and ports of its own, for the time of a measurement."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from scripts.benchmarks.stage.ports import FIRST

ROOT = Path(__file__).resolve().parents[3]
PORT, EMULATOR_PORT = FIRST, FIRST + 1
PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class House:
    client: httpx.Client
    emulator: httpx.Client
    up: int

    @property
    def environment(self) -> dict[str, str]:
        """As its web process has it."""
        words = (Path("/proc") / str(self.child("web")) / "environ").read_bytes().decode().split("\0")
        return dict(word.split("=", 1) for word in words if "=" in word)

    def make(self, model: str = "truefusion-pro", **given: Any) -> dict[str, Any]:
        """A prediction, once it is final."""
        body = {"model": model, "input": {"prompt": "a red fox", **given}}
        made = self.client.post("/api/predictions", json=body).raise_for_status().json()
        while made["status"] not in ("succeeded", "failed", "canceled"):
            made = self.client.get(f"/api/predictions/{made['id']}?wait=60").raise_for_status().json()
        if made["status"] != "succeeded":
            raise RuntimeError(f"the prediction failed: {made['error']}")
        return dict(made)

    def keys(self, count: int, *words: str) -> list[str]:
        """New ones, each of an owner of its own, made by the command."""
        command = [str(Path(sys.executable).with_name("darkroom")), "keys", "create", "--json", *words]
        made = [
            subprocess.run(
                [*command, "--owner", f"owner-{number}"], env=self.environment, capture_output=True, check=True
            )
            for number in range(count)
        ]
        return [json.loads(each.stdout)["key"] for each in made]

    def child(self, word: str) -> int:
        """The process of `darkroom WORD` below `up`."""
        for task in (Path("/proc") / str(self.up) / "task").iterdir():
            for pid in map(int, (task / "children").read_text().split()):
                command = (Path("/proc") / str(pid) / "cmdline").read_bytes().split(b"\0")
                if word.encode() in command:
                    return pid
        raise RuntimeError(f"no process {word}")


@contextmanager
def open_house(**settings: str) -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as folder, Path(folder, "log").open("w") as log:
        own = {"DARKROOM_DATA": f"{folder}/data", "PORT": str(PORT), "EMULATOR_PORT": str(EMULATOR_PORT)}
        own["RATE_LIMIT_GENERATE"] = "off"
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts.dev"],
            cwd=ROOT,
            env={**os.environ, **own, **settings},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            if process.stdout is None or not process.stdout.readline().startswith("ready"):
                raise RuntimeError(Path(folder, "log").read_text())
            with _client(PORT) as client, _client(EMULATOR_PORT) as emulator:
                yield House(client, emulator, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()


@contextmanager
def another_web(house: House, port: int = PORT + 2, **settings: str) -> Iterator[int]:
    """One more web process on the same database. Its port."""
    command = [str(Path(sys.executable).with_name("darkroom")), "web"]
    environment = {**house.environment, "PORT": str(port), **settings}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with _client(port) as client:
            _until_alive(client)
            yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _until_alive(client: httpx.Client) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(httpx.TransportError):
            if client.get("/health").is_success:
                return
        time.sleep(0.1)
    raise RuntimeError("the other web process did not come up")


def _client(port: int) -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=PATIENCE)
