"""`build/bench.json`: what was measured when, where and of which commit, with every round; and its figures again.

A figure that is measured anew replaces its earlier run; the others stay, each with its own date, commit and load.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scripts.benchmarks.figures import Figure

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / "build" / "bench.json"
FIELDS = ("name", "value", "goal", "unit", "spread", "at_least", "rounds")


@dataclass(frozen=True, slots=True)
class Moment:
    """When it is, and how busy the machine is by the load averages of 1, 5 and 15 minutes."""

    at: str
    load: tuple[float, float, float]

    @classmethod
    def now(cls) -> "Moment":
        return cls(datetime.now(UTC).isoformat(timespec="seconds"), os.getloadavg())


def keep(name: str, figures: Sequence[Figure], began: Moment, ended: Moment, path: Path = PATH) -> None:
    """The run under its name, instead of an earlier one."""
    kept = _read(path)
    kept[name] = {
        "command": " ".join(sys.argv[1:]),
        "commit": _commit(),
        "machine": _machine(),
        "began_at": began.at,
        "ended_at": ended.at,
        "load_before": began.load,
        "load_after": ended.load,
        "figures": [figure.as_json() for figure in figures],
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(kept, indent=2) + "\n")


def figures(path: Path = PATH) -> dict[str, list[Figure]]:
    """By the name of the run; empty before the first."""
    return {
        name: [Figure(**{field: each[field] for field in FIELDS}) for each in run["figures"]]
        for name, run in _read(path).items()
    }


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    found = json.loads(path.read_text())
    return found if isinstance(found, dict) else {}


def _machine() -> dict[str, Any]:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {
        "cores": os.cpu_count(),
        "processor": models[0] if models else platform.machine(),
        "memory_mib": memory,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _commit() -> str:
    """With `+` where files differ from it."""
    said = [
        subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
        for words in (("rev-parse", "--short", "HEAD"), ("status", "--porcelain", "--untracked-files=no"))
    ]
    return said[0] + ("+" if said[1] else "")
