"""`darkroom webhooks`: endpoints, what they were told, and what is sent again."""

from datetime import timedelta
from typing import Annotated, Any

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from app.actions.manage_endpoints import (
    Wish,
    change_endpoint,
    create_endpoint,
    list_endpoints,
    rotate_endpoint_secret,
)
from app.cli import amounts, webhook_events
from app.cli.terminal import AsJson, console, parsed_id, print_json, say, tool_settings, with_database
from app.cli.webhook_events import EndpointId, coloured, minute
from app.domain.caller import Caller
from app.domain.endpoints import EVENT_TYPES, Endpoint
from app.outbound.errors import UrlRefused
from app.outbound.urls import check_url

app = typer.Typer(help="Webhook endpoints: who is told, what they answered, and again.", no_args_is_help=True)

for each in (webhook_events.events, webhook_events.attempts, webhook_events.resend, webhook_events.test):
    app.command()(each)


@app.command()
def create(
    url: Annotated[str, typer.Argument(help="An https URL.")],
    owner: Annotated[str, typer.Option(parser=amounts.label, metavar="NAME", help="Whose events.")] = "default",
    event: Annotated[list[str] | None, typer.Option(help="Only this type; several times. Left out: all.")] = None,
    description: Annotated[str, typer.Option(help="For you to tell endpoints apart.")] = "",
    as_json: AsJson = False,
) -> None:
    """Register an endpoint and show its secret."""
    _check(url, event or [])
    made, secret = with_database(
        lambda database: create_endpoint(
            database, Caller(owner), url=url, events=tuple(event or ()), description=description
        )
    )
    if as_json:
        print_json({**_as_json(made), "secret": secret})
        return
    print(secret)
    say(f"what {made.id} of {owner} is signed with (Standard Webhooks)")


@app.command("list")
def show(as_json: AsJson = False) -> None:
    """All endpoints of all owners."""
    found = with_database(lambda database: list_endpoints(database, owner=None))
    if as_json:
        print_json([_as_json(each) for each in found])
        return
    table = Table("endpoint", "owner", "state", "events", "url", box=box.SIMPLE_HEAD)
    table.columns[0].no_wrap = True
    for each in found:
        table.add_row(str(each.id), each.owner, _told(each), "\n".join(each.events) or "all", escape(each.url))
    console.print(table)


@app.command()
def rotate(
    endpoint: EndpointId,
    overlap: Annotated[
        timedelta, typer.Option(parser=amounts.span, metavar="SPAN", help="How long the old secret signs too.")
    ] = "24h",  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Give an endpoint a new secret and show it."""
    wanted = parsed_id(endpoint)
    made = with_database(lambda database: rotate_endpoint_secret(database, wanted, owner=None, overlap=overlap))
    if as_json:
        print_json({"secret": made.current, "previous_until": made.previous_until})
        return
    print(made.current)
    until = made.previous_until
    say(f"the old one signs too until {minute(until)} UTC" if until else "the old one signs no more")


@app.command()
def enable(endpoint: EndpointId) -> None:
    """Send to it again, from now on; `resend --since` brings what it missed."""
    _switch(endpoint, enabled=True)


@app.command()
def disable(endpoint: EndpointId) -> None:
    """Send nothing to it any more."""
    _switch(endpoint, enabled=False)


def _switch(endpoint: str, *, enabled: bool) -> None:
    wanted = parsed_id(endpoint)
    after = with_database(lambda database: change_endpoint(database, wanted, Wish(enabled=enabled), owner=None))
    say(after.state)


def _check(url: str, types: list[str]) -> None:
    settings = tool_settings()
    try:
        check_url(url, allow_http=not settings.is_strict, allow_nets=settings.outbound_allow_nets)
    except UrlRefused as refused:
        raise typer.BadParameter(f"is not a URL that may be called ({refused.reason})", param_hint="URL") from None
    unknown = sorted(set(types) - set(EVENT_TYPES))
    if unknown:
        raise typer.BadParameter(f"{unknown[0]} is none of {', '.join(EVENT_TYPES)}", param_hint="--event")


def _told(endpoint: Endpoint) -> str:
    words = coloured(endpoint.state)
    if endpoint.disabled_reason is not None:
        return f"{words} ({endpoint.disabled_reason.value})"
    return f"{words} since {minute(endpoint.failing_since)}" if endpoint.failing_since else words


def _as_json(endpoint: Endpoint) -> dict[str, Any]:
    names = ("id", "owner", "url", "events", "description", "state", "disabled_reason", "disabled_at",
             "failing_since", "created_at")  # fmt: skip
    return {name: getattr(endpoint, name) for name in names}
