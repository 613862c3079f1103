"""Several seeds, one after the other, each in the report before the next begins."""

from scripts.faultrun import report
from scripts.faultrun.order import Order
from scripts.faultrun.progress import Progress
from scripts.faultrun.run import run_seed


async def run_series(order: Order, progress: Progress) -> int:
    """0 if all are clean, those found in the report included."""
    done = _done(order)
    clean = True
    for seed in order.seeds:
        if seed in done:
            progress.phase(f"seed {seed} is in the report already")
            clean &= done[seed]
        else:
            clean &= await run_seed(order, seed, progress)
    return 0 if clean else 1


def _done(order: Order) -> dict[int, bool]:
    """Seeds of runs of the same length, and whether they were clean."""
    if not order.is_resumed:
        return {}
    runs = [run for run in report.read(order.report) if run.get("kind") == "run" and run["minutes"] == order.minutes]
    return {run["seed"]: run["is_clean"] for run in runs}
