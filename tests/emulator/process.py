"""An emulator as a process of its own, for every test that needs a stranger to buy from."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
KEY, SECRET = "sk-emulator", "whsec-emulator"
PATIENCE = 60.0


@dataclass
class RunningEmulator:
    process: subprocess.Popen[bytes]
    port: int
    data: Path
    key: str = KEY
    secret: str = SECRET

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        return f"{self.url}/v1"

    @property
    def log(self) -> str:
        return (self.data / "emulator.log").read_text()

    def reset(self) -> None:
        """As on its first day: nothing sold, no faults, its first dialect."""
        httpx.post(f"{self.url}/_reset", trust_env=False).raise_for_status()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.process.terminate()
        try:
            return self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(5)


def start_emulator(data: Path, port: int | None = None, **settings: Any) -> RunningEmulator:
    """Words of the dialect, `faults`, `api_key` and `webhook_secret` may be given as settings."""
    for _ in range(5):
        running = _start(data, port or free_port(), settings)
        if _ready(running):
            return running
        if port is not None or "in use" not in running.log:
            break
    raise RuntimeError(f"the emulator did not start:\n{running.log}")


def _start(data: Path, port: int, settings: dict[str, Any]) -> RunningEmulator:
    data.mkdir(parents=True, exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EMULATOR_")}
    environment |= {f"EMULATOR_{name.upper()}": str(value) for name, value in settings.items()}
    environment |= {"EMULATOR_PORT": str(port), "DARKROOM_DATA": str(data)}
    with (data / "emulator.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts.emulator"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    keys = {
        name: settings[long] for name, long in (("key", "api_key"), ("secret", "webhook_secret")) if long in settings
    }
    return RunningEmulator(process, port, data, **keys)


def _ready(running: RunningEmulator) -> bool:
    deadline = time.monotonic() + PATIENCE
    while running.process.poll() is None and time.monotonic() < deadline:
        try:
            return httpx.get(f"{running.url}/_health", trust_env=False).status_code == 200
        except httpx.TransportError:
            time.sleep(0.03)
    running.kill()
    return False
