"""npm `skytells` 1.0.0, as it is published."""

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.process import RunningEmulator

HERE = Path(__file__).parent
INSTALL = ("npm", "ci", "--no-audit", "--no-fund")


def node() -> None:
    """Node and the packages of the lock file; without them a skip, which CI does not forgive."""
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if missing:
        reason = f"{' and '.join(missing)} is not installed"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with (HERE / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test processes side by side install once
        if not _installed():
            subprocess.run(INSTALL, cwd=HERE, check=True, capture_output=True, timeout=300)


def _installed() -> bool:
    installed = HERE / "node_modules" / ".package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= (HERE / "package-lock.json").stat().st_mtime


@pytest.fixture(scope="module")
def seen(running: RunningEmulator) -> Any:
    node()
    done = subprocess.run(
        ["node", "npm_client.mjs", running.api, running.key],
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_lists_models(seen: Any) -> None:
    assert "truefusion-pro" in seen["models"]


def test_it_creates_and_polls(seen: Any) -> None:
    assert seen["created"]["status"] == "pending"
    assert seen["ended"]["status"] == seen["streamed"]["status"] == "succeeded"
    assert seen["ended"]["output"][0].endswith(".png")


def test_it_may_wait_within_the_create(seen: Any) -> None:
    assert seen["awaited"]["status"] == "succeeded"


def test_it_cancels_and_deletes(seen: Any) -> None:
    assert seen["cancelled"]["status"] == "cancelled"
    assert seen["deleted"]["id"] == seen["created"]["id"]


def test_it_reads_errors(seen: Any) -> None:
    assert seen["gone"] == {"id": "RESOURCE_NOT_FOUND", "status": 404}
    assert seen["unknownModel"] == {"id": "MODEL_NOT_FOUND", "status": 404}
    assert seen["wrongKey"] == {"id": "UNAUTHORIZED", "status": 401}


def test_the_lock_file_names_no_registry() -> None:
    lock = (HERE / "package-lock.json").read_text()
    assert "http" not in lock
    assert "sha512-" in lock
