"""One life in the sweep, and what must be true of it."""

from dataclasses import dataclass, field
from decimal import Decimal

from scripts.faultrun.emulator import Sold
from scripts.faultrun.evidence import Row
from scripts.faultrun.history import FINAL, Story
from scripts.faultrun.sweep.boundaries import Cut


@dataclass(slots=True)
class Life:
    """`seconds` from order to last byte. `wrongs` are sentences; `was_reached` says whether the cut was made."""

    cut: Cut | None
    story: Story
    was_reached: bool = False
    seconds: float = 0.0
    ended: str = ""
    wrongs: list[str] = field(default_factory=list)


def wrongs_of(story: Story, rows: list[Row], sold: list[Sold]) -> list[str]:
    """Bought at most once; final; booked as sold; stored with the provider's bytes if it was sold; told sensibly."""
    found = [f"{len(sold)} purchases: {[each.id for each in sold]}"] if len(sold) > 1 else []
    if len(rows) != 1:
        return [*found, f"{len(rows)} rows for one key, ids {story.ids}"]
    row = rows[0]
    if row.status not in FINAL:
        return [*found, f"stuck in {row.status}/{row.stage}, owes {row.work} after {row.attempts} attempts"]
    found += _ending(row, sold)
    found += _booking(row, sold)
    found += _told(story, row)
    return found + _bytes(story, sold)


def _ending(row: Row, sold: list[Sold]) -> list[str]:
    if not sold:
        return [] if row.failure == "purchase_unknown" else [f"never sold, and it ended {row.status} {row.failure}"]
    if row.provider_id != sold[0].id:
        return [f"sold as {sold[0].id}, and the row says {row.provider_id} ({row.status} {row.failure})"]
    return [] if row.status == "succeeded" else [f"sold and obtainable, and it ended {row.status} {row.failure}"]


def _booking(row: Row, sold: list[Sold]) -> list[str]:
    used, captured = sum((each.credits or 0 for each in sold), Decimal(0)), row.captured or 0
    found = [] if captured == used else [f"captured {captured}, and {used} was used"]
    return [*found, f"final, and holds {row.held}"] if row.held else found


def _told(story: Story, row: Row) -> list[str]:
    found = [] if story.ids == [row.id] else [f"the client was told {story.ids}, the row is {row.id}"]
    for answer in story.answers:
        if answer.status == 404:
            found.append(f"{answer.what} answered 404 after a 201")
        elif answer.status >= 500 and (answer.status != 503 or not answer.retry_after):
            found.append(f"{answer.what} answered {answer.status}: {answer.trouble[:120]}")
    return found


def _bytes(story: Story, sold: list[Sold]) -> list[str]:
    if story.final != "succeeded":
        return []
    true = [sha for sha, _ in sold[0].files] if sold else []
    had = [file.sha256 for file in story.fetched]
    return (
        [] if had == true else [f"{len(had)} files were had, {len(true)} made; wrong: {sorted(set(had) - set(true))}"]
    )
