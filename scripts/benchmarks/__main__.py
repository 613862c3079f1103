"""`./scripts/bench [name …]`"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from scripts.benchmarks import (
    admission,
    dropped_webhooks,
    event_to_stored,
    first_picture,
    governor,
    hostile_downloads,
    large_output,
    outbound,
    take_over,
    thumbnails,
    video,
    webhook_ack,
)
from scripts.benchmarks.figures import Figure

ROOT = Path(__file__).resolve().parents[2]
ALL: dict[str, Callable[[], list[Figure]]] = {
    "first-picture": first_picture.measure,
    "event-to-stored": event_to_stored.measure,
    "large-output": large_output.measure,
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


def main(names: list[str]) -> int:
    unknown = set(names) - set(ALL)
    if unknown:
        print(f"no such figure: {', '.join(sorted(unknown))}; there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    figures = [figure for name in names or ALL for figure in ALL[name]()]
    _show(figures)
    _keep(figures)
    return 0 if all(figure.is_reached for figure in figures) else 1


def _show(figures: list[Figure]) -> None:
    table = Table("figure", "measured", "spread", "goal", "")
    for figure in figures:
        mark = "[green]reached[/]" if figure.is_reached else "[red]missed[/]"
        table.add_row(figure.name, figure.shown(figure.value), figure.spread, f"≤ {figure.shown(figure.goal)}", mark)
    Console(width=110).print(table)


def _keep(figures: list[Figure]) -> None:
    path = ROOT / "build" / "bench.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([figure.as_json() for figure in figures], indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
