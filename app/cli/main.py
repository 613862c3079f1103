"""The command and its parts."""

import sys

import typer

from app.cli import (
    blobs,
    cleanup,
    costs,
    deliveries,
    doctor,
    keys,
    listen,
    mcp,
    processes,
    quarantine,
    receipts,
    trigger,
    webhooks,
)
from app.cli.terminal import say
from app.domain.errors import DarkroomError, TemporarilyUnavailable
from app.refusals import UnsafeSettings
from app.storage.errors import StorageUnavailable

REFUSED = 2

app = typer.Typer(
    help="Every prediction paid for ends stored, servable and on the books.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(processes.web)
app.command()(processes.worker)
app.command()(processes.migrate)
app.command()(doctor.doctor)
app.command()(receipts.receipt)
app.command()(listen.listen)
app.command()(trigger.trigger)
app.command()(trigger.replay)
app.command()(mcp.mcp)
app.command()(costs.costs)
app.command()(cleanup.cleanup)
app.command()(cleanup.restored)
app.command()(quarantine.quarantine)
app.add_typer(blobs.app, name="blobs")
app.add_typer(keys.app, name="keys")
app.add_typer(deliveries.app, name="events")
app.add_typer(webhooks.app, name="webhooks")


def main() -> None:
    """Exit codes: 0 done, 1 not done, 2 settings or arguments refused."""
    try:
        app()
    except UnsafeSettings as refused:
        say("Darkroom does not start:", *(f"  {each}" for each in refused.refusals))
        sys.exit(REFUSED)
    except TemporarilyUnavailable as trouble:
        say(f"{trouble.detail} Is `./scripts/up` running, or DATABASE_URL right?")
        sys.exit(1)
    except StorageUnavailable as trouble:
        say(f"The storage does not work ({trouble.reason}).")
        sys.exit(1)
    except DarkroomError as error:
        say(error.detail)
        sys.exit(1)
