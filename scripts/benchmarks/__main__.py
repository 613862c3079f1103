"""`./scripts/bench [--quick] [--rows N] [name …]`"""

import argparse
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from scripts.benchmarks import plot, record, table
from scripts.benchmarks.figures import Figure
from scripts.benchmarks.promises import (
    admission,
    dropped_webhooks,
    event_to_stored,
    first_picture,
    governor,
    hostile_downloads,
    outbound,
    take_over,
    thumbnails,
    video,
    webhook_ack,
)
from scripts.benchmarks.record import Moment
from scripts.benchmarks.rounds import QUICK, Plan
from scripts.benchmarks.speed import (
    creates,
    end_to_end,
    event_to_succeeded,
    growth,
    ingest,
    large_output,
    memory,
    notifying,
    polls,
    retention,
    scale_out,
    slow_cdn,
    streams,
)

PICTURE = Path(__file__).with_name("figures.svg")
PROMISES: dict[str, Callable[[], list[Figure]]] = {
    "first-picture": first_picture.measure,
    "event-to-stored": event_to_stored.measure,
    "video": video.measure,
    "thumbnails": thumbnails.measure,
    "webhook-ack": webhook_ack.measure,
    "dropped-webhooks": dropped_webhooks.measure,
    "take-over": take_over.measure,
    "hostile-downloads": hostile_downloads.measure,
    "admission": admission.measure,
    "governor": governor.measure,
    "outbound": outbound.measure,
}
SPEED: dict[str, Callable[[Plan], list[Figure]]] = {
    "polls": polls.measure,
    "ingest": ingest.measure,
    "creates": creates.measure,
    "event-to-succeeded": event_to_succeeded.measure,
    "large-output": large_output.measure,
    "end-to-end": end_to_end.measure,
    "slow-cdn": slow_cdn.measure,
    "memory": memory.measure,
    "streams": streams.measure,
    "growth": growth.measure,
    "retention": retention.measure,
    "notifying": notifying.measure,
    "scale-out": scale_out.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if all was measured and all goals are reached, else 1."""
    parser = _parser()
    given = parser.parse_args(arguments)
    unknown = set(given.names) - {*PROMISES, *SPEED}
    if unknown:
        parser.error(f"no such figure: {', '.join(sorted(unknown))}")
    if given.plot:
        return _plot()
    plan = QUICK if given.quick else Plan()
    if given.rows is not None:
        plan = replace(plan, rows=given.rows)
    names = given.names or (*PROMISES, *SPEED)
    measured = {name: _measured(name, plan) for name in names}
    figures = [figure for each in measured.values() for figure in each]
    table.show(figures)
    return 0 if all(measured.values()) and all(figure.is_reached for figure in figures) else 1


def _measured(name: str, plan: Plan) -> list[Figure]:
    """Nothing, and told why, if it could not be measured: the others may be."""
    print(f"measuring {name}", file=sys.stderr)
    began = Moment.now()
    try:
        figures = SPEED[name](plan) if name in SPEED else PROMISES[name]()
    except Exception:
        traceback.print_exc()
        print(f"{name} could not be measured", file=sys.stderr)
        return []
    record.keep(name, figures, began, Moment.now())
    return figures


def _plot() -> int:
    """Of what `build/bench.json` has, in the order of the list above."""
    kept = record.figures()
    PICTURE.write_text(plot.draw([figure for name in SPEED for figure in kept.get(name, ())]))
    print(PICTURE)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./scripts/bench",
        description="Measures the README's figures on this machine: a table here, and build/bench.json.",
    )
    names = (*PROMISES, *SPEED)
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of {', '.join(names)}; all")
    parser.add_argument("--quick", action="store_true", help="few and short rounds, to see whether it works")
    parser.add_argument("--rows", type=int, help="predictions in the grown database (1,000,000; quick: 20,000)")
    parser.add_argument(
        "--plot", action="store_true", help=f"draw {PICTURE.name} from build/bench.json, measure nothing"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
