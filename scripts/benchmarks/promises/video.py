"""A video of 300 MB: how much the service's processes grow by storing it, and by serving it in parts to eight players.

Each player reads it whole by ranges, and has another answer open meanwhile that it does not read.
"""

import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx

from scripts.benchmarks.figures import Figure
from scripts.benchmarks.promises.house import House, open_house
from scripts.benchmarks.promises.peaks import peak

SIZE = 300 * 10**6
STEP = 8 * 2**20
PLAYERS = 8


def measure() -> list[Figure]:
    """The peaks of the resident memory of web and worker together, beyond those after a small video."""
    with open_house(EMULATOR_DURATION="0.1") as house:
        _made(house, 2**20)
        _play(house, _made(house, 2**20))
        before = _peaks(house)
        video = _made(house, SIZE)
        stored = _peaks(house)
        began = time.monotonic()
        with ThreadPoolExecutor(PLAYERS) as players:
            seen = set(players.map(lambda _: _play(house, video), range(PLAYERS)))
        seconds = time.monotonic() - began
        after = _peaks(house)
    if seen != {video}:
        raise RuntimeError("somebody was served other bytes than were stored")
    grown = sum(after) - sum(before)
    speed = PLAYERS * SIZE / seconds / 2**20
    spread = f"storing {_told(before, stored)}, playing {_told(stored, after)} (web, worker), {speed:.0f} MiB/s"
    return [Figure("growth of web and worker for a video of 300 MB, 8 players", grown, 64, "MiB", spread)]


Video = tuple[str, int, str]
"""Where it is, its bytes and its SHA-256."""


def _made(house: House, size: int) -> Video:
    house.emulator.post("/_dialect", json={"output_bytes": size}).raise_for_status()
    (file,) = house.make("truefusion-video")["files"]
    if (file["bytes"], file["content_type"]) != (size, "video/mp4"):
        raise RuntimeError(f"this is not the video: {file}")
    return file["url"], file["bytes"], file["sha256"]


def _play(house: House, video: Video) -> Video:
    """What was served."""
    url, size, _ = video
    digest, count = hashlib.sha256(), 0
    with ExitStack() as opened:
        client = opened.enter_context(httpx.Client(base_url=house.client.base_url, trust_env=False, timeout=300))
        opened.enter_context(client.stream("GET", url, headers={"Range": "bytes=0-"}))
        for start in range(0, size, STEP):
            for piece in _part(client, url, start, min(size, start + STEP)):
                digest.update(piece)
                count += len(piece)
    return url, count, digest.hexdigest()


def _part(client: httpx.Client, url: str, start: int, stop: int) -> Iterator[bytes]:
    with client.stream("GET", url, headers={"Range": f"bytes={start}-{stop - 1}"}) as answer:
        if answer.status_code != httpx.codes.PARTIAL_CONTENT:
            raise RuntimeError(f"a part was answered {answer.status_code}")
        yield from answer.iter_bytes()


def _peaks(house: House) -> tuple[float, float]:
    return peak(house.child("web")), peak(house.child("worker"))


def _told(before: tuple[float, float], after: tuple[float, float]) -> str:
    return " and ".join(f"+{new - old:.0f}" for old, new in zip(before, after, strict=True))
