"""An output of 1 GiB: how much the worker's memory grows, and how fast it comes."""

from pathlib import Path

from scripts.benchmarks.figures import Figure
from scripts.benchmarks.promises.house import open_house

GIB = 2**30


def measure() -> list[Figure]:
    """The peak of the worker's resident memory after a small output and after the large one."""
    with open_house(EMULATOR_DURATION="0.1") as house:
        house.emulator.post("/_dialect", json={"output_bytes": 2**20}).raise_for_status()
        house.make("truefusion-video")
        before = peak(house.child("worker"))
        house.emulator.post("/_dialect", json={"output_bytes": GIB}).raise_for_status()
        made = house.make("truefusion-video")
        after = peak(house.child("worker"))
    assert made["files"][0]["bytes"] == GIB
    seconds = made["metrics"]["store_time"]
    spread = f"{before:.0f} → {after:.0f} MiB, {seconds:.1f} s ({1024 / seconds:.0f} MiB/s)"
    return [Figure("growth of the worker for 1 GiB", after - before, 64, "MiB", spread)]


def peak(pid: int) -> float:
    """VmHWM, in MiB."""
    lines = (Path("/proc") / str(pid) / "status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
