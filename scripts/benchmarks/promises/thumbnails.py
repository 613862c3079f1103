"""A thumbnail: the time and the memory that making it takes, each in a process of its own."""

import multiprocessing
import os
import tempfile
import time
from pathlib import Path

from PIL import Image

from app.storage.shrinking import shrink
from scripts.benchmarks.figures import Figure, from_samples
from scripts.benchmarks.promises.peaks import peak

GOALS = {1024: (150.0, 32.0), 4096: (1000.0, 128.0)}
"""For the side of a square PNG: ms, MiB."""
TIMES = 5


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        return [figure for side in GOALS for figure in _of(Path(folder), side)]


def _of(folder: Path, side: int) -> list[Figure]:
    picture, warm = folder / f"{side}.png", folder / "warm.png"
    _drawn(side).save(picture, compress_level=1)
    _drawn(64).save(warm)
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as own:
        samples, grown = own.apply(_measured, (picture, warm))
    name, (most_ms, most_mib) = f"thumbnail of a PNG of {side} × {side}", GOALS[side]
    return [
        from_samples(name, samples, most_ms, "ms"),
        Figure(f"{name}: memory", grown, most_mib, "MiB", f"{picture.stat().st_size / 1e6:.1f} MB"),
    ]


def _measured(picture: Path, warm: Path) -> tuple[list[float], float]:
    """In ms, and MiB beyond what a tiny picture took."""
    shrink(warm, "image/png")
    before = peak(os.getpid())
    return [_timed(picture) for _ in range(TIMES)], peak(os.getpid()) - before


def _timed(picture: Path) -> float:
    began = time.perf_counter()
    shrink(picture, "image/png")
    return (time.perf_counter() - began) * 1000


def _drawn(side: int) -> Image.Image:
    """Smooth, round and noisy, as pictures are."""
    planes = (Image.linear_gradient("L"), Image.radial_gradient("L"))
    return Image.merge("RGB", (*(each.resize((side, side)) for each in planes), Image.effect_noise((side, side), 40)))
