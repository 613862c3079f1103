"""`darkroom listen`: deliveries as they come."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.markup import escape
from rich.table import Column, Table

from app.actions.handle_deliveries import list_deliveries
from app.bootstrap import open_database
from app.cli.terminal import AsJson, console, run, say, tool_settings
from app.db.engine import Database
from app.db.inbox import Kept
from app.domain.errors import TemporarilyUnavailable
from app.outbound.nearby import NobodyThere, ask
from app.settings import Settings

LOOK_EVERY_SECONDS = 0.5
MOST_AT_ONCE = 200
REJECTED_EVERY = 4
"""Looks: each of these is a line in the service's log."""
MARKS = {"applied": "[green]applied[/]", "waiting": "[yellow]waiting[/]", "set_aside": "[red]set aside[/]"}
REJECTED = "[red]rejected[/]"


def listen(
    as_json: AsJson = False,
    last: Annotated[int, typer.Option(min=0, max=100, help="Begin with so many that came before.")] = 0,
) -> None:
    """Show the providers' deliveries as they come, until Ctrl-C.

    One line for each, and one more when a waiting one finds its prediction. In
    development those that were not believed are shown too, with the reason, while
    the service runs beside. `--json` prints an object a line, for other programs.

        darkroom listen

        darkroom listen --last 10

        darkroom listen --json | jq -r .verdict

    `darkroom events show ID` shows one whole, `darkroom replay ID` applies it again.
    """
    settings = tool_settings()
    with suppress(KeyboardInterrupt):
        run(_listen(settings, last, as_json=as_json))


async def _listen(settings: Settings, last: int, *, as_json: bool) -> None:
    show, seen = _print_json if as_json else _print_line, _Seen()
    database = open_database(settings, pool_size=1)
    try:
        before = seen.news(await list_deliveries(database, limit=MOST_AT_ONCE, only_pending=False))
        await _rejected(settings, seen)
        if not as_json:
            say("listening; Ctrl-C ends it")
            console.print(_line("time", "verdict", "provider", "says", "id", style="dim"))
        for each in before[-last:] if last else ():
            show(_kept(each))
        async for found in _arrivals(database, settings, seen):
            show(found)
    finally:
        await database.close()


@dataclass(slots=True)
class _Seen:
    """Verdicts by id: a delivery is told of when it comes, and when its verdict changes."""

    verdicts: dict[UUID, str] = field(default_factory=dict)
    rejected: set[str] = field(default_factory=set)
    rejected_are_told: bool = True

    def news(self, found: list[Kept]) -> list[Kept]:
        new = [each for each in reversed(found) if self.verdicts.get(each.id) != each.verdict]
        self.verdicts = {each.id: each.verdict for each in found} | self._older(found)
        return new

    def _older(self, found: list[Kept]) -> dict[UUID, str]:
        known = {each.id for each in found}
        return dict([pair for pair in self.verdicts.items() if pair[0] not in known][-MOST_AT_ONCE:])


async def _arrivals(database: Database, settings: Settings, seen: _Seen) -> AsyncIterator[dict[str, Any]]:
    for turn in count(1):
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        with suppress(TemporarilyUnavailable):
            for each in seen.news(await list_deliveries(database, limit=MOST_AT_ONCE, only_pending=False)):
                yield _kept(each)
        for refused in await _rejected(settings, seen) if turn % REJECTED_EVERY == 0 else ():
            yield refused


async def _rejected(settings: Settings, seen: _Seen) -> list[dict[str, Any]]:
    """Those lie in the memory of the web process alone, which tells of them in development."""
    if not seen.rejected_are_told or settings.environment != "development":
        return []
    try:
        status, found = await ask(f"http://127.0.0.1:{settings.port}/api/deliveries/rejected")
    except NobodyThere:
        return []
    seen.rejected_are_told = status == 200
    new = [each for each in reversed(found.get("data", [])) if each["id"] not in seen.rejected]
    seen.rejected |= {each["id"] for each in new}
    return new


def _kept(each: Kept) -> dict[str, Any]:
    return {
        "id": str(each.id),
        "provider": each.provider,
        "verdict": each.verdict,
        "says": _says(each.body),
        "provider_id": each.provider_id,
        "prediction_id": str(each.prediction_id) if each.prediction_id else None,
        "received_at": each.received_at.isoformat(),
        "trouble": each.trouble,
    }


def _says(body: bytes) -> str | None:
    """Its own word for the state, as far as it has one."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    inner = told.get("data") if isinstance(told, dict) and isinstance(told.get("data"), dict) else told
    word = inner.get("status") if isinstance(inner, dict) else None
    return word[:20] if isinstance(word, str) else None


def _print_json(found: dict[str, Any]) -> None:
    print(json.dumps(found, ensure_ascii=False), flush=True)


def _print_line(found: dict[str, Any]) -> None:
    mark = MARKS.get(found["verdict"], REJECTED)
    time = found["received_at"][11:19]
    console.print(_line(time, mark, escape(found["provider"]), escape(found.get("says") or ""), found["id"]))
    for finding in found.get("findings", ()):
        if finding["state"] == "bad":
            console.print(f"          [red]{escape(finding['name'])}[/] {escape(finding['said'])}", soft_wrap=True)
            console.print(f"          [yellow]→ {escape(finding['cure'])}.[/]", soft_wrap=True)


def _line(*cells: str, style: str = "") -> Table:
    """80 columns: the id alone has 36."""
    columns = (Column(width=8), Column(width=9), Column(width=9), Column(width=10, no_wrap=True), Column(no_wrap=True))
    table = Table(*columns, box=None, pad_edge=False, show_header=False, padding=(0, 1, 0, 0), style=style)
    table.add_row(*cells)
    return table
