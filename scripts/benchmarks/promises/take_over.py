"""A worker is frozen in the middle of a download: how soon another one does its work."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from scripts.benchmarks.figures import Figure
from scripts.benchmarks.promises.house import ROOT, House, open_house


def measure() -> list[Figure]:
    """With the default lease. The frozen one is woken at the end, when it can change nothing any more."""
    with open_house(EMULATOR_ART="plain", EMULATOR_DURATION="0.1") as house:
        house.emulator.post("/_faults", json={"cdn_stall": {"share": 1, "seconds": 60}}).raise_for_status()
        made = house.client.post("/api/predictions", json={"model": "truefusion", "input": {"prompt": "a fox"}}).json()
        _until_storing(house, made["id"])
        frozen = house.child("worker")
        os.kill(frozen, signal.SIGSTOP)
        began = time.monotonic()
        other = subprocess.Popen(
            [Path(sys.executable).with_name("darkroom"), "worker"],
            cwd=ROOT,
            env=_environment(frozen),
            stderr=subprocess.DEVNULL,
        )
        final = house.client.get(f"/api/predictions/{made['id']}?wait=60").raise_for_status().json()
        seconds = time.monotonic() - began
        other.terminate()
        other.wait()
        os.kill(frozen, signal.SIGCONT)
    if final["status"] != "succeeded":
        raise RuntimeError(f"not taken over: {final['status']}")
    return [Figure("a dead worker's job taken over", seconds, 30, "s", "the default lease is 25 s")]


def _until_storing(house: House, prediction_id: str) -> None:
    while house.client.get(f"/api/predictions/{prediction_id}").json()["stage"] != "storing":
        time.sleep(0.05)
    time.sleep(0.5)


def _environment(pid: int) -> dict[str, str]:
    """The other worker is of the same house."""
    pairs = (Path("/proc") / str(pid) / "environ").read_text().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)
