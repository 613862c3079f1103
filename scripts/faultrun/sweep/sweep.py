"""Which boundaries there are, who takes which, and the table."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from scripts.faultrun import report
from scripts.faultrun.builds import Build, make_build
from scripts.faultrun.folders import temporary_folder
from scripts.faultrun.order import Order
from scripts.faultrun.progress import Progress
from scripts.faultrun.sweep.boundaries import Boundary, Cut, ways_of
from scripts.faultrun.sweep.lane import Lane
from scripts.faultrun.sweep.lives import Life

LANES = 2


async def run_sweep(order: Order, share: float, progress: Progress) -> int:
    """0 if every life of the sample held, however it was cut."""
    seed, began = order.seeds[0], time.monotonic()
    with temporary_folder(kept=order.keeps_folder) as folder:
        build = make_build(order.tree, folder / "build", ref=order.ref)
        lanes = [Lane(number, folder / f"lane-{number}", build, seed) for number in range(LANES)]
        try:
            await asyncio.gather(*(lane.start() for lane in lanes))
            boundaries = await lanes[0].rehearse()
            lanes[1].trap.ignored |= lanes[0].trap.ignored
            cuts = sample(boundaries, share, seed)
            progress.phase(f"{len(boundaries)} boundaries, {len(cuts)} cuts, {LANES} side by side ({build.commit})")
            lives = await _all(lanes, cuts, order.minutes * 60, progress)
            left = await asyncio.gather(*(lane.orphans() for lane in lanes))
            orphans = [key for keys in left for key in keys]
        finally:
            await asyncio.gather(*(lane.stop() for lane in lanes), return_exceptions=True)
    found = {"boundaries": [str(boundary) for boundary in boundaries], "orphans": orphans}
    entry = (
        _entry(order, build, lives, len(cuts)) | found | {"share": share, "seconds": round(time.monotonic() - began)}
    )
    entry["is_clean"] = entry["is_clean"] and not orphans
    report.append(order.report, entry, keep=order.is_resumed)
    progress.close()
    _show(entry, lives)
    return 0 if entry["is_clean"] else 1


def sample(boundaries: Sequence[Boundary], share: float, seed: int) -> list[Cut]:
    """All cuts, or a share of them that the seed chooses; at least one of each way."""
    cuts = [Cut(boundary, how) for boundary in boundaries for how in ways_of(boundary)]
    wanted = max(3, round(len(cuts) * share))
    if wanted >= len(cuts):
        return cuts
    dice = random.Random(f"{seed}:sweep")
    firsts = [dice.choice([cut for cut in cuts if cut.how == how]) for how in ("before", "after", "cut")]
    rest = [cut for cut in cuts if cut not in firsts]
    chosen = {*firsts, *dice.sample(rest, wanted - len(firsts))}
    return [cut for cut in cuts if cut in chosen]


async def _all(lanes: Sequence[Lane], cuts: Sequence[Cut], seconds: float, progress: Progress) -> list[Life]:
    """Each lane takes the next cut; none is begun once the time is over."""
    waiting, lives, end = list(reversed(cuts)), list[Life](), time.monotonic() + seconds

    async def work(lane: Lane) -> None:
        while waiting and time.monotonic() < end:
            lives.append(await lane.live(waiting.pop()))
            wrong = sum(bool(life.wrongs) for life in lives)
            progress.line(
                f"{len(lives)} of {len(cuts)} lives, {wrong} wrong, last: {lives[-1].cut} → {lives[-1].ended}"
            )

    await asyncio.gather(*(work(lane) for lane in lanes))
    return lives


def _entry(order: Order, build: Build, lives: Sequence[Life], wanted: int) -> dict[str, Any]:
    return {
        "kind": "sweep",
        "seed": order.seeds[0],
        "is_clean": len(lives) == wanted and not any(life.wrongs for life in lives),
        "build": {"commit": build.commit, "fingerprint": build.fingerprint},
        "machine": report.machine(),
        "counts": {
            "cuts": wanted,
            "lives": len(lives),
            "not_reached": [str(life.cut) for life in lives if not life.was_reached],
            "ended": dict(Counter(life.ended for life in lives)),
        },
        "lives": [[str(life.cut), life.ended, round(life.seconds, 2), life.wrongs] for life in lives],
    }


def _show(entry: dict[str, Any], lives: Sequence[Life]) -> None:
    counts, console = entry["counts"], Console()
    table = Table("cut", "ended", "s", "wrong", title="boundary sweep", title_justify="left")
    for life in lives:
        if life.wrongs:
            table.add_row(str(life.cut), life.ended, f"{life.seconds:.1f}", "\n".join(life.wrongs))
    if table.row_count:
        console.print(table)
    parts = [
        f"{len(entry['boundaries'])} boundaries, {counts['lives']} of {counts['cuts']} lives",
        f"{len(counts['not_reached'])} ended before their cut",
        f"{table.row_count} wrong, {len(entry['orphans'])} orphaned files",
        f"slowest {max((life.seconds for life in lives), default=0.0):.1f} s",
        ", ".join(f"{count} {ended}" for ended, count in counts["ended"].items()),
    ]
    console.print("; ".join(parts), highlight=False)
