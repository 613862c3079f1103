"""`darkroom cleanup`: what the worker clears away by itself, now."""

from typing import Annotated

import typer

from app.actions.sweep_orphans import sweep_orphans
from app.actions.upkeep import clear_leftovers, remove_deleted
from app.bootstrap import Services
from app.cli.terminal import AsJson, print_json, say, with_services

OlderThan = Annotated[
    float | None, typer.Option(min=0, help="Seconds; less than a download may take is for quiet times alone.")
]


def cleanup(older_than: OlderThan = None, as_json: AsJson = False) -> None:
    """Remove stored files that no prediction names, leftovers of broken uploads, and what was deleted."""
    removed = with_services(lambda services: _clean(services, older_than))
    if as_json:
        print_json(removed)
        return
    say(*(f"{count} {name.replace('_', ' ')} removed" for name, count in removed.items()))


async def _clean(services: Services, older_than: float | None) -> dict[str, int]:
    database, blobs = services.database, services.blobs
    age = services.settings.orphan_age_seconds if older_than is None else older_than
    return {
        "deleted_files": await remove_deleted(database, blobs),
        "temporaries": await clear_leftovers(database, blobs),
        "orphans": await sweep_orphans(database, blobs, older_than=age),
    }
