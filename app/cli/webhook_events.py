"""What webhooks were told, what was answered, and what is sent again; commands of `darkroom webhooks`."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import typer
from rich import box
from rich.table import Table

from app.actions.resend_events import (
    MOST_RESENT,
    list_attempts,
    list_events,
    read_event,
    resend_event,
    resend_missed,
    send_test_event,
)
from app.cli import amounts
from app.cli.terminal import AsJson, console, parsed_id, print_json, say, with_database
from app.db.attempts import Attempt
from app.db.engine import Database
from app.db.notice_lists import Event, EventFilter, State

TEST_SECONDS, LOOK_SECONDS = 20.0, 0.2
COLOURS = {
    "enabled": "green",
    "failing": "yellow",
    "disabled": "red",
    "delivered": "green",
    "pending": "yellow",
    "failed": "red",
}

EndpointId = Annotated[str, typer.Argument(metavar="ENDPOINT", help="Its id, as `list` shows it.")]
Limit = Annotated[int, typer.Option(min=1, max=1000)]
Span = Annotated[timedelta | None, typer.Option(parser=amounts.span, metavar="SPAN", help="Such as 24h or 3d.")]


def events(
    endpoint: Annotated[str, typer.Option(metavar="ENDPOINT", help="Only what went there.")] = "",
    state: Annotated[str, typer.Option(metavar="STATE", help="pending, delivered or failed.")] = "",
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """The newest events, of endpoints and of creates' own webhooks."""
    if state not in ("", "pending", "delivered", "failed"):
        raise typer.BadParameter("is one of pending, delivered, failed", param_hint="--state")
    wanted = EventFilter(limit, endpoint_id=parsed_id(endpoint) if endpoint else None, state=_state(state))
    found = with_database(lambda database: list_events(database, wanted, owner=None))
    if as_json:
        print_json([_event_as_json(each) for each in found])
        return
    table = Table("event", "at", "type", "state", "tries", "last answer", box=box.SIMPLE_HEAD)
    table.columns[0].no_wrap = True
    for each in found:
        state_told, tries = coloured(each.state), str(each.attempts)
        table.add_row(str(each.id), minute(each.created_at), each.type, state_told, tries, each.last_outcome)
    console.print(table)


def attempts(endpoint: EndpointId, limit: Limit = 20, as_json: AsJson = False) -> None:
    """What an endpoint answered, newest first."""
    wanted = parsed_id(endpoint)
    found = with_database(lambda database: list_attempts(database, wanted, owner=None, limit=limit))
    if as_json:
        names = ("id", "notice_id", "type", "prediction_id", "at", "ok", "status", "outcome", "seconds")
        print_json([{name: getattr(each, name) for name in names} for each in found])
        return
    table = Table("at", "", "answer", "seconds", "type", "event", box=box.SIMPLE_HEAD)
    table.columns[5].no_wrap = True
    for each in found:
        table.add_row(*_row(each))
    console.print(table)


def resend(
    subject: Annotated[str, typer.Argument(metavar="ID", help="An event; or an endpoint, with --since.")],
    since: Span = None,
    as_json: AsJson = False,
) -> None:
    """Send an event again; or, of the last SPAN, whatever an endpoint missed."""
    wanted = parsed_id(subject)
    if since is None:
        event = with_database(lambda database: resend_event(database, wanted, owner=None))
        _tell(_event_as_json(event), f"{event.type} is sent again", as_json)
        return
    begin = datetime.now(UTC) - since
    count = with_database(lambda database: resend_missed(database, wanted, begin, owner=None))
    more = count >= MOST_RESENT
    words = f"{count} are sent, one after the other" + ("; call again for more" if more else "")
    _tell({"events": count, "more": more}, words, as_json)


def _tell(found: dict[str, Any], words: str, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        say(words)


def test(endpoint: EndpointId, as_json: AsJson = False) -> None:
    """Send a signed test event, and wait for the answer."""
    wanted = parsed_id(endpoint)
    event, made = with_database(lambda database: _tested(database, wanted))
    if as_json:
        print_json(_event_as_json(event))
    elif made:
        console.print(coloured(event.state), made[-1].outcome, f"in {made[-1].seconds:.3f} s")
    else:
        say("nothing was sent yet; is a worker running, and does the endpoint rest?")
    if event.state != "delivered":
        raise typer.Exit(1)


async def _tested(database: Database, endpoint_id: UUID) -> tuple[Event, list[Attempt]]:
    event = await send_test_event(database, endpoint_id, owner=None)
    for _ in range(int(TEST_SECONDS / LOOK_SECONDS)):
        event, made = await read_event(database, event.id, owner=None)
        if event.state != "pending":
            return event, made
        await asyncio.sleep(LOOK_SECONDS)
    return event, []


def _state(text: str) -> State | None:
    return text or None  # type: ignore[return-value]  # one of them


def coloured(word: str) -> str:
    return f"[{COLOURS[word]}]{word}[/]"


def _row(attempt: Attempt) -> tuple[str, ...]:
    mark = "[green]✓[/]" if attempt.ok else "[red]✗[/]"
    took = f"{attempt.seconds:.3f}"
    return (f"{attempt.at:%m-%d %H:%M:%S}", mark, attempt.outcome, took, attempt.type, str(attempt.notice_id))


def _event_as_json(event: Event) -> dict[str, Any]:
    names = ("id", "type", "sequence", "prediction_id", "endpoint_id", "state", "attempts", "created_at",
             "delivered_at", "next_attempt_at", "last_outcome")  # fmt: skip
    return {name: getattr(event, name) for name in names}


def minute(time: datetime | None) -> str:
    return "" if time is None else f"{time.astimezone(UTC):%Y-%m-%d %H:%M}"
