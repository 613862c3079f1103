"""The installed `darkroom` as processes of its own, with the settings of a test."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.settings import Settings
from tests.emulator.process import ROOT

BIN = Path(sys.executable).parent
HEALTHY = ROOT / "scripts/deploy/healthy.py"
STOPS_WITHIN = 15.0
"""What compose.yaml, the units and the platforms give a process to end."""


def environment_of(settings: Settings, port: int) -> dict[str, str]:
    """The environment that makes these settings, and finds `darkroom` and `python` as the image does."""
    given = {name.upper(): _text(getattr(settings, name)) for name in settings.model_fields_set}
    path = f"{BIN}:{os.environ['PATH']}"
    return given | {"PATH": path, "PORT": str(port), "HOST": "127.0.0.1", "LOG_FORMAT": "json"}


@contextmanager
def running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Stopped at the end, if it has not ended."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """As a supervisor does: SIGTERM, and an end within what it allows, which is no failure."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        assert process.wait(STOPS_WITHIN) in (0, -signal.SIGTERM)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def is_healthy(environment: dict[str, str], *, wait: float = 0) -> bool:
    command = ["python", str(HEALTHY), *(["--wait", str(wait)] if wait else [])]
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(str(each) for each in value)
    reveal = getattr(value, "get_secret_value", None)
    return str(reveal() if reveal else value)
