"""An output of 1 GiB: how fast it is stored against `curl -o` and `sha256sum` of the same, and how the worker grows."""

import subprocess
import time
from collections.abc import Mapping
from typing import Any

import httpx

from scripts.benchmarks.figures import Figure, ratio
from scripts.benchmarks.rounds import Plan, interleaved
from scripts.benchmarks.stage.house import QUICK_ART, House, open_house
from scripts.benchmarks.stage.service import make
from scripts.benchmarks.stage.stage import Stage, open_stage

GIB = 2**30
MODEL = "truefusion-video"
OURS, CURL = "storing", "curl -o and sha256sum"


def measure(plan: Plan) -> list[Figure]:
    size = plan.of(GIB, GIB // 8)
    with open_stage() as stage:
        database = stage.migrated("large")
        with open_house(stage, database, words={**QUICK_ART, "duration": "0.1"}) as house:
            key = house.web.key()
            _made(house, key, 2**20)
            before = house.worker.peak
            seen: list[Mapping[str, Any]] = [_made(house, key, size)]

            def ours(number: int) -> float:
                seen.append(_made(house, key, size))
                return float(size / seen[-1]["metrics"]["store_time"] / 2**20)

            def curl(number: int) -> float:
                return size / _fetched(stage, house, seen[-1]) / 2**20

            rounds = interleaved({OURS: ours, CURL: curl}, plan.of(3, 2))
            after = house.worker.peak
    what = f"{size // 2**20} MiB"
    grown = Figure(f"growth of the worker for {what}", after - before, 64, "MiB", f"{before:.0f} → {after:.0f} MiB")
    return [ratio(f"{OURS} {what} ÷ {CURL}", rounds, OURS, CURL, 0.8), grown]


def _made(house: House, key: str, size: int) -> dict[str, Any]:
    _direct(house, {"output_bytes": size})
    with house.web.client(key) as client:
        made = make(client, MODEL)
    if made["files"][0]["bytes"] != size:
        raise RuntimeError(f"this is not the output: {made['files']}")
    return made


def _direct(house: House, words: Mapping[str, int]) -> None:
    httpx.post(f"{house.emulator}/_dialect", json=words, trust_env=False).raise_for_status()


def _fetched(stage: Stage, house: House, made: Mapping[str, Any]) -> float:
    """Seconds for the same bytes, which must be those that were stored."""
    outputs = httpx.get(f"{house.emulator}/_outputs", trust_env=False).json()
    sha256 = made["files"][0]["sha256"]
    url = next(file["url"] for files in outputs.values() for file in files if file["sha256"] == sha256)
    path = stage.folder / "fetched"
    began = time.monotonic()
    subprocess.run(["curl", "--silent", "--fail", "--noproxy", "*", "-o", path, url], check=True)
    summed = subprocess.run(["sha256sum", path], check=True, capture_output=True, text=True).stdout
    seconds = time.monotonic() - began
    if summed.split()[0] != sha256:
        raise RuntimeError("curl was given other bytes than were stored")
    return seconds
