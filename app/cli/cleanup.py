"""`darkroom cleanup`: what the worker clears away by itself, now; `darkroom restored`: after a backup came back."""

from typing import Annotated

import typer

from app.actions.after_restore import Reconciled, reconcile_restored
from app.actions.retain import (
    count_old,
    forget_old_deliveries,
    forget_old_exchanges,
    forget_old_notices,
    forget_old_predictions,
    forget_unused_uploads,
)
from app.actions.sweep_orphans import find_orphans, sweep_orphans
from app.actions.upkeep import clear_leftovers, remove_deleted
from app.bootstrap import Services, retention
from app.cli.terminal import AsJson, print_json, say, with_services

OlderThan = Annotated[
    float | None, typer.Option(min=0, help="Seconds; less than a download may take is for quiet times alone.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")]


def cleanup(older_than: OlderThan = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Remove what is of no use: stored files that no prediction names, leftovers of broken uploads, what was deleted,
    and what RETAIN_PREDICTIONS_DAYS and RETAIN_DELIVERIES_DAYS let go.

    The worker does it by itself, every so often. The other way round, recorded files that are not there, is
    `darkroom blobs verify`.
    """
    removed = with_services(lambda services: (_look if dry_run else _clean)(services, older_than))
    if as_json:
        print_json(removed)
        return
    done = "would go" if dry_run else "removed"
    say(*(f"{count} {name.replace('_', ' ')} {done}" for name, count in removed.items()))


def restored(as_json: AsJson = False) -> None:
    """Say that the database came back from a backup. Do it before any worker is started.

    What was waiting to be bought when the backup was made may have been bought
    since: it is looked for at the provider, and not bought again. Recorded
    files are looked for in the store, and files that no row names are counted.
    """
    found = with_services(lambda services: reconcile_restored(services.database, services.blobs))
    if as_json:
        print_json({"looked_for": found.doubted, "missing_files": list(found.missing), "unnamed_files": found.unnamed})
    else:
        say(*_told(found))


def _told(found: Reconciled) -> list[str]:
    lines = [f"{found.doubted} not yet submitted: looked for at the provider, and not bought again"]
    lines.append(f"{len(found.missing)} recorded files are not in the store")
    lines += [f"  {key}" for key in found.missing[:20]]
    lines.append(f"{found.unnamed} stored files are in no row; the sweep removes them when they are old")
    return [*lines, "Now start the worker. What the provider billed meanwhile: `darkroom costs --compare`."]


async def _clean(services: Services, older_than: float | None) -> dict[str, int]:
    database, blobs, kept = services.database, services.blobs, retention(services.settings)
    return {
        "old_predictions": await forget_old_predictions(database, blobs, kept),
        "old_deliveries": await forget_old_deliveries(database, kept),
        "old_exchanges": await forget_old_exchanges(database, kept),
        "old_notices": await forget_old_notices(database, kept),
        "unused_uploads": await forget_unused_uploads(database, blobs, kept),
        "deleted_files": await remove_deleted(database, blobs),
        "temporaries": await clear_leftovers(database, blobs),
        "orphans": await sweep_orphans(database, blobs, older_than=_age(services, older_than)),
    }


async def _look(services: Services, older_than: float | None) -> dict[str, int]:
    database, blobs = services.database, services.blobs
    old_predictions, old_deliveries, old_notices = await count_old(database, retention(services.settings))
    orphans = [key async for key in find_orphans(database, blobs, older_than=_age(services, older_than))]
    return {
        "old_predictions": old_predictions,
        "old_deliveries": old_deliveries,
        "old_notices": old_notices,
        "orphans": len(orphans),
    }


def _age(services: Services, older_than: float | None) -> float:
    return services.settings.orphan_age_seconds if older_than is None else older_than
