"""The figures as a table on the terminal."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from scripts.benchmarks.figures import Figure

WIDTH = 132


def show(figures: Sequence[Figure], console: Console | None = None) -> None:
    table = Table("figure", "measured", "goal", "", "rounds, and from what", box=box.SIMPLE_HEAD)
    table.columns[1].no_wrap = table.columns[2].no_wrap = True
    table.columns[1].justify = table.columns[2].justify = "right"
    for each in figures:
        table.add_row(each.name, each.shown(each.value), each.goal_shown, _mark(each), each.spread)
    (console or Console(width=WIDTH)).print(table)


def _mark(figure: Figure) -> str:
    if figure.goal is None:
        return ""
    return "[green]reached[/]" if figure.is_reached else "[red]missed[/]"
