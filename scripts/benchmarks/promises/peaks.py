"""The most that a process ever had in memory."""

from pathlib import Path


def peak(pid: int) -> float:
    """VmHWM, in MiB."""
    lines = (Path("/proc") / str(pid) / "status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
