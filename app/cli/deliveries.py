"""`darkroom events`: the kept deliveries and the jobs that broke, and what can be done with them."""

from typing import Annotated

import typer
from rich.table import Column, Table

from app.actions.handle_deliveries import (
    attach_delivery,
    list_deliveries,
    read_delivery,
    reopen_prediction,
    replay_delivery,
)
from app.actions.held_jobs import list_held_jobs, release_held_jobs
from app.cli.terminal import AsJson, console, parsed_id, print_json, say, with_database, with_services
from app.db.inbox import Kept

app = typer.Typer(help="Kept deliveries and broken jobs: list, show, replay, attach.", no_args_is_help=True)
DeliveryId = Annotated[str, typer.Argument(help="The delivery's id, as `list` shows it.")]


@app.command("list")
def show_all(
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    pending: Annotated[bool, typer.Option("--pending", help="Only what no prediction has got.")] = False,
    as_json: AsJson = False,
) -> None:
    """The newest deliveries: applied, waiting for their prediction, or set aside."""
    found = with_database(lambda database: list_deliveries(database, limit=limit, only_pending=pending))
    if as_json:
        print_json([_as_json(each) for each in found])
        return
    table = Table(
        Column("id", no_wrap=True), "received", "provider", "provider's id", "state", box=None, pad_edge=False
    )
    for each in found:
        table.add_row(str(each.id), f"{each.received_at:%m-%d %H:%M:%S}", each.provider, each.provider_id, _state(each))
    console.print(table)


@app.command()
def show(delivery_id: DeliveryId, as_json: AsJson = False) -> None:
    """One delivery, with its raw body."""
    wanted = parsed_id(delivery_id)
    kept = with_database(lambda database: read_delivery(database, wanted))
    if as_json:
        print_json({**_as_json(kept), "body": kept.body.decode("utf-8", "replace")})
        return
    console.print(f"[bold]{kept.id}[/]  {kept.provider}  {_state(kept)}")
    print(kept.body.decode("utf-8", "replace"))


@app.command()
def replay(delivery_id: DeliveryId) -> None:
    """Apply a delivery once more, as if it came now."""
    wanted = parsed_id(delivery_id)
    if not with_services(lambda services: replay_delivery(services.database, services.providers, wanted)):
        say("no prediction is known for it; `darkroom events attach` gives it one")
        raise typer.Exit(1)
    say("applied")


@app.command()
def attach(
    delivery_id: DeliveryId, prediction_id: Annotated[str, typer.Argument(help="The prediction it tells of.")]
) -> None:
    """Give an orphaned delivery its prediction."""
    delivery, prediction = parsed_id(delivery_id), parsed_id(prediction_id)
    after = with_services(lambda services: attach_delivery(services.database, services.providers, delivery, prediction))
    say(f"applied; the prediction is {after.status}, {after.stage}")


@app.command()
def reopen(
    prediction_id: Annotated[str, typer.Argument(help="It ended as purchase_unknown or timed_out, or was lost there.")],
) -> None:
    """Look once more at the provider for a purchase that we were not sure of."""
    wanted = parsed_id(prediction_id)
    with_services(lambda services: reopen_prediction(services.database, services.providers, wanted))
    say("the worker looks for it now; `darkroom receipt` shows what comes of it")


@app.command()
def held(as_json: AsJson = False) -> None:
    """Jobs that broke and are held for you to look at. Their work falls due again by itself."""
    found = with_database(list_held_jobs)
    if as_json:
        print_json(found)
        return
    table = Table("job", "work", "subject", "since", "why")
    for each in found:
        table.add_row(*(str(each[name]) for name in ("id", "work", "subject", "since", "why")))
    console.print(table)


@app.command()
def release() -> None:
    """Run every held job once more."""
    say(f"{with_database(release_held_jobs)} released")


def _state(kept: Kept) -> str:
    if kept.trouble:
        return f"set aside ({kept.trouble})"
    return f"applied to {kept.prediction_id}" if kept.applied_at else "waits for its prediction"


def _as_json(kept: Kept) -> dict[str, object]:
    names = ("id", "provider", "provider_id", "prediction_id", "received_at", "applied_at", "trouble")
    return {name: getattr(kept, name) for name in names}
