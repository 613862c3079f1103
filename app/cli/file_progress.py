"""A walk through all stored files, as people see it: a bar while it lasts, then what was found."""

import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from app.actions.compare_blobs import TROUBLE, Compared, Found
from app.cli.terminal import say
from app.db import file_lists
from app.db.engine import Database

MOST_SHOWN = 20
WORDS = {
    Found.COPIED: "copied",
    Found.TO_COPY: "to be copied",
    Found.PRESENT: "there and as recorded",
    Found.MISSING: "missing",
    Found.DAMAGED: "damaged",
    Found.UNREACHABLE: "not reached",
}


@dataclass(slots=True)
class Summary:
    """How many files and bytes there are of each, and each that is in trouble."""

    files: Counter[Found] = field(default_factory=Counter)
    bytes: Counter[Found] = field(default_factory=Counter)
    trouble: list[Compared] = field(default_factory=list)

    def add(self, each: Compared) -> None:
        self.files[each.found] += 1
        self.bytes[each.found] += each.file.bytes
        if each.found in TROUBLE:
            self.trouble.append(each)

    def as_json(self) -> dict[str, Any]:
        return {
            "files": {found.value: self.files[found] for found in Found},
            "bytes": {found.value: self.bytes[found] for found in Found},
            "trouble": [{"key": each.file.key, "found": each.found, "why": each.why} for each in self.trouble],
        }


async def followed(database: Database, every: AsyncIterator[Compared], *, quiet: bool) -> Summary:
    """Go to the end. The bar counts bytes, on stderr, and on a terminal alone."""
    async with database.transaction() as tx:
        count, size = await file_lists.stored_in_all(tx)
    summary, done = Summary(), 0
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task("", total=size)
        async for each in every:
            summary.add(each)
            done += 1
            progress.update(task, advance=each.file.bytes, description=f"{done} of {count} files")
    return summary


def show(summary: Summary) -> None:
    for found, word in WORDS.items():
        if summary.files[found]:
            print(f"{summary.files[found]:,} {word} ({summary.bytes[found] / 1e6:,.1f} MB)")
    if not summary.files:
        print("no file is recorded yet")
    sys.stdout.flush()
    say(*(f"  {each.file.key}: {each.found}, {each.why}" for each in summary.trouble[:MOST_SHOWN]))
    if len(summary.trouble) > MOST_SHOWN:
        say(f"  and {len(summary.trouble) - MOST_SHOWN} more; --json lists all")
