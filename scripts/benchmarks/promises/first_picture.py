"""Fresh clone to first stored picture, with empty package caches; then once more."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from scripts.benchmarks.figures import Figure
from scripts.benchmarks.promises.house import EMULATOR_PORT, PORT, ROOT


def measure() -> list[Figure]:
    """What is committed, in a clone of its own, with an empty home and no pip cache."""
    with tempfile.TemporaryDirectory(prefix="darkroom-bench-") as folder:
        clone = Path(folder, "clone")
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        cold, warm = (_demo(clone, Path(folder, "home")) for _ in range(2))
    return [
        Figure("fresh clone to first picture", cold, 60, "s"),
        Figure("the second time", warm, 8, "s"),
    ]


def _demo(clone: Path, home: Path) -> float:
    home.mkdir(exist_ok=True)
    own = {"HOME": str(home), "PIP_NO_CACHE_DIR": "1", "PORT": str(PORT), "EMULATOR_PORT": str(EMULATOR_PORT)}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "PYTHON"))}
    began = time.monotonic()
    subprocess.run(
        ["./scripts/up", "--demo", "a red fox"],
        cwd=clone,
        env=environment | own,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.monotonic() - began
