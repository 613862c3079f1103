"""`./scripts/torture`: reads the flags; exits 0 if all that was checked holds, 1 if not, 2 if it could not be run."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import uvloop

from scripts.faultrun.builds import NoSuchRef
from scripts.faultrun.house import Unbuildable
from scripts.faultrun.mutants.catalogue import MUTANTS
from scripts.faultrun.mutants.trial import run_mutants
from scripts.faultrun.order import REPORT, ROOT, Order, seeds_of
from scripts.faultrun.progress import Progress
from scripts.faultrun.series import run_series
from scripts.faultrun.sweep.sweep import run_sweep

HELP = """Shakes the whole product for minutes (kills, freezes, cut connections, a provider that misbehaves, forged
webhooks) and then counts what was lost, bought twice, stuck or wrong. A table here, build/torture.json for machines."""
EXAMPLES = """examples:
  ./scripts/torture                                   two minutes, seed 1: a part of every change
  ./scripts/torture --minutes 10 --seeds 1-5          the release gate; in the background: nohup … &
  ./scripts/torture --minutes 10 --seeds 1-5 --resume goes on after the last seed that is in the report
  ./scripts/torture --sweep --share 0.1               every I/O boundary of one prediction, a tenth of them
  ./scripts/torture --mutants                         broken builds, each of which must be caught"""


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    order = Order(
        minutes=given.minutes,
        seeds=given.seeds,
        is_resumed=given.resume,
        report=given.json,
        tree=given.tree.resolve(),
        ref=given.ref,
        keeps_folder=given.keep,
    )
    progress = Progress()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_until_signalled(_chosen(given, order, progress)))
    except (Unbuildable, NoSuchRef, asyncio.CancelledError) as trouble:
        progress.close()
        print(f"torture: {str(trouble) or 'interrupted'}", file=sys.stderr)
        return 2
    finally:
        progress.close()


def _chosen(given: argparse.Namespace, order: Order, progress: Progress) -> Coroutine[Any, Any, int]:
    if given.mutants is not None:
        return run_mutants(order, given.mutants, progress)
    if given.sweep:
        return run_sweep(order, given.share, progress)
    return run_series(order, progress)


async def _until_signalled(work: Coroutine[Any, Any, int]) -> int:
    """SIGTERM takes everything down in order, as Ctrl-C does."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./scripts/torture",
        description=HELP,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--minutes", type=_minutes, default=2.0, metavar="N", help="of one run (2)")
    parser.add_argument("--seed", "--seeds", dest="seeds", type=_seeds, default=(1,), metavar="S", help="7, 1-5 or 1,3")
    parser.add_argument("--sweep", action="store_true", help="cut one prediction's life at every I/O boundary")
    parser.add_argument("--share", type=_share, default=1.0, metavar="X", help="of the sweep's cuts, by the seed (1)")
    parser.add_argument("--mutants", nargs="*", choices=[each.name for each in MUTANTS], help="all, or those named")
    parser.add_argument("--resume", action="store_true", help="keep the report, and leave out seeds it already has")
    parser.add_argument("--json", type=Path, default=REPORT, metavar="PATH", help="the report (build/torture.json)")
    parser.add_argument("--tree", type=Path, default=ROOT, metavar="DIR", help="whose app/ and migrations/ to run")
    parser.add_argument("--ref", default="", metavar="COMMIT", help="of that tree, instead of what lies there")
    parser.add_argument("--keep", action="store_true", help="leave the folder with the logs")
    return parser


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 0.2 <= minutes <= 240:
        raise argparse.ArgumentTypeError("from 0.2 to 240")
    return minutes


def _share(text: str) -> float:
    share = float(text)
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError("above 0, at most 1")
    return share


def _seeds(text: str) -> tuple[int, ...]:
    try:
        return seeds_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
