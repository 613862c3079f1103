"""`darkroom trigger` and `darkroom replay`: deliveries of our own making, through the real door."""

import json
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.markup import escape

from app.actions.handle_deliveries import read_delivery, replay_delivery
from app.actions.send_delivery import Prepared, Trial, prepare_delivery, send_prepared
from app.bootstrap import open_database, senders_of
from app.cli.terminal import AsJson, console, parsed_id, print_json, run, say, tool_settings, with_services
from app.domain.trial import Dialect
from app.outbound.own_door import Knock
from app.settings import Settings

Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change the body there: `--set output.0=https://…`. Repeatable."),
]
Url = Annotated[str, typer.Option(metavar="URL", help="Another address than APP_URL to send it to.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")]
TROUBLES = {
    "name": "the name of APP_URL's host does not resolve",
    "refused": "nobody answers there; is `./scripts/up` running?",
    "tls": "its certificate is not valid",
    "timeout": "no answer in time",
    "cut": "the connection was cut",
}


def trigger(
    event: Annotated[str, typer.Argument(metavar="EVENT", help="started, succeeded, failed or canceled.")],
    *,
    provider: Annotated[str | None, typer.Option(help="skytells or replicate.")] = None,
    prediction: Annotated[str | None, typer.Option(metavar="ID", help="Tell of this prediction of ours.")] = None,
    dialect: Annotated[str, typer.Option(help="How Skytells wraps it: flat or envelope.")] = "flat",
    changes: Set = None,
    url: Url = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Send a signed test event to our own webhook door, as a provider would.

    It goes to APP_URL, through whatever stands in front of it, and is believed
    as any other: of a prediction that nobody has it waits as an orphan, and with
    --prediction it moves that one. The words of the providers are understood
    (`prediction.succeeded`, `completed`, `cancelled`). Exits 1 if the door
    refuses it.

        darkroom trigger succeeded

        darkroom trigger failed --prediction ID --set response="Out of paint."

        darkroom trigger canceled --provider replicate

        darkroom trigger prediction.succeeded --dialect envelope --dry-run

    fal's deliveries cannot be made: fal signs them with a key that it alone has.
    """
    if dialect not in ("flat", "envelope"):
        raise typer.BadParameter("--dialect is flat or envelope")
    wrapped: Dialect = "envelope" if dialect == "envelope" else "flat"
    known = parsed_id(prediction) if prediction is not None else None
    _send(Trial(event, provider, known, wrapped, _parsed(changes)), url, dry_run=dry_run, as_json=as_json)


def replay(
    delivery_id: Annotated[str, typer.Argument(metavar="ID", help="As `darkroom events list` or `listen` shows it.")],
    changes: Set = None,
    url: Url = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Apply a kept delivery once more; or change it, sign it anew and send it.

    Without --set it is applied to its prediction as if it came now. With --set
    its body is changed, signed with our own secret, and sent through the door.

        darkroom replay ID

        darkroom replay ID --set status=failed --set error="Out of paint."
    """
    wanted = parsed_id(delivery_id)
    if not changes:
        _apply(wanted, url=url, dry_run=dry_run, as_json=as_json)
        return
    kept = with_services(lambda services: read_delivery(services.database, wanted))
    body = kept.body.decode("utf-8", "replace")
    _send(Trial(provider=kept.provider, body=body, overrides=_parsed(changes)), url, dry_run=dry_run, as_json=as_json)


def _apply(wanted: UUID, *, url: str, dry_run: bool, as_json: bool) -> None:
    if url or dry_run:
        raise typer.BadParameter("--url and --dry-run need --set: without it nothing is sent, only applied")
    applied = with_services(lambda services: replay_delivery(services.database, services.providers, wanted))
    if as_json:
        print_json({"id": wanted, "applied": applied})
    else:
        say("applied" if applied else "no prediction is known for it; `darkroom events attach` gives it one")
    if not applied:
        raise typer.Exit(1)


def _send(trial: Trial, url: str, *, dry_run: bool, as_json: bool) -> None:
    settings = tool_settings()
    prepared, found = run(_sent(settings, trial, url, dry_run=dry_run))
    if as_json:
        print_json(_told(prepared, found))
    else:
        _show(prepared, found)
    if found is not None and not found.is_received:
        raise typer.Exit(1)


async def _sent(settings: Settings, trial: Trial, url: str, *, dry_run: bool) -> tuple[Prepared, Knock | None]:
    database = open_database(settings, pool_size=1) if trial.prediction_id else None
    try:
        prepared = await prepare_delivery(database, senders_of(settings), trial, door_url=url or settings.public_url)
    finally:
        if database is not None:
            await database.close()
    return prepared, None if dry_run else await send_prepared(prepared)


def _parsed(changes: list[str] | None) -> dict[str, Any]:
    """`output.0=https://…`, `metrics.predict_time=3`, `output=null`: JSON where it is some, else text."""
    found: dict[str, Any] = {}
    for change in changes or ():
        path, equals, text = change.partition("=")
        if not equals or not path.strip("."):
            raise typer.BadParameter(f"--set wants PATH=VALUE, not {change!r}")
        try:
            found[path] = json.loads(text)
        except (ValueError, RecursionError):
            found[path] = text
    return found


def _told(prepared: Prepared, found: Knock | None) -> Mapping[str, Any]:
    sent = {"url": prepared.url, "headers": dict(prepared.headers), "body": prepared.body.decode("utf-8", "replace")}
    answer = None if found is None else {"status": found.status, "trouble": found.trouble, "body": found.answer}
    return {"provider": prepared.provider, "request": sent, "answer": answer}


def _show(prepared: Prepared, found: Knock | None) -> None:
    console.print(f"[bold]POST[/] {escape(prepared.url)}", soft_wrap=True)
    for name, value in prepared.headers.items():
        console.print(f"[dim]{escape(name)}:[/] {escape(value)}", soft_wrap=True, highlight=False)
    console.print(f"\n{escape(prepared.body.decode('utf-8', 'replace'))}\n", soft_wrap=True, highlight=False)
    console.print(_verdict(found), soft_wrap=True)


def _verdict(found: Knock | None) -> str:
    if found is None:
        return "[dim]not sent[/]"
    if found.trouble is not None:
        return f"[red]✗[/] {TROUBLES[found.trouble]}"
    answer = escape(json.dumps(found.answer, ensure_ascii=False))
    if not found.is_received:
        return f"[red]✗ {found.status}[/] {answer}"
    return f"[green]✓ {found.status}[/] {answer}  [dim]{_meaning(found.answer or {})}[/]"


def _meaning(answer: Mapping[str, Any]) -> str:
    if answer.get("duplicate"):
        return "the same came before; nothing changed"
    if answer.get("matched") is False:
        return "kept; no prediction is known for it"
    return "applied"
