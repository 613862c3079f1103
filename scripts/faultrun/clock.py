"""A wrong clock for one process: `time.time` runs ahead by CLOCK_SHIFT seconds, as on a machine nobody synchronises."""

from pathlib import Path

HOOK = """
import os
import time

_true, _shift = time.time, float(os.environ.get("CLOCK_SHIFT", "0"))
if _shift:
    time.time = lambda: _true() + _shift
"""


def ahead(folder: Path, path: str, seconds: int = 90) -> dict[str, str]:
    """The environment of a process that is `seconds` ahead; `path` is its PYTHONPATH."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(HOOK)
    return {"CLOCK_SHIFT": str(seconds), "PYTHONPATH": f"{folder}:{path}"}
