"""`darkroom`: the processes, and the tools for those who run them."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, TypeVar

import typer
import uvicorn
import uvloop
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from app.actions.issue_key import issue_key, list_keys, revoke_key
from app.bootstrap import database_url, open_database, web_application
from app.db.engine import Database
from app.db.keys import ApiKey
from app.db.migrations import migrate as migrate_database
from app.domain.errors import TemporarilyUnavailable
from app.logs import configure_logs
from app.refusals import UnsafeSettings, load_settings, unreadable
from app.settings import Settings
from app.worker import work

REFUSED = 2
Result = TypeVar("Result")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
keys = typer.Typer(help="API keys: shown once, stored hashed.", no_args_is_help=True)
app.add_typer(keys, name="keys")


def main() -> None:
    try:
        app()
    except UnsafeSettings as refused:
        _say("Darkroom does not start:", *(f"  {each}" for each in refused.refusals))
        sys.exit(REFUSED)
    except TemporarilyUnavailable as trouble:
        _say(f"{trouble.detail} Is `./scripts/up` running, or DATABASE_URL right?")
        sys.exit(1)


@app.command()
def web() -> None:
    """Serve HTTP on HOST:PORT."""
    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    uvicorn.run(
        web_application(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=10,
        timeout_keep_alive=75,
    )


@app.command()
def worker() -> None:
    """Submit, collect and reconcile until stopped."""
    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    _run(work(settings))


@app.command()
def migrate() -> None:
    """Bring the database's tables up to this release."""
    migrate_database(database_url(_settings()))
    _say("migrated")


@keys.command("create")
def create_key(
    owner: Annotated[str, typer.Option(help="Whose predictions it opens.")] = "default",
    name: Annotated[str, typer.Option(help="For you to tell keys apart.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a key and show it, this once."""
    made = _with_database(lambda database: issue_key(database, owner=owner, name=name))
    if as_json:
        print(json.dumps({"id": str(made.id), "key": made.key.text, "owner": owner, "name": name}))
        return
    print(made.key.text)
    _say(f"for {owner}; it is not shown again. Use it as `Authorization: Bearer …`.")


@keys.command("list")
def show_keys(as_json: AsJson = False) -> None:
    """All keys, without their secrets."""
    found = _with_database(list_keys)
    if as_json:
        print(json.dumps([_key_view(each) for each in found], indent=2))
        return
    table = Table("prefix", "owner", "name", "created", "state")
    for each in found:
        state = "revoked" if each.revoked_at else "open"
        table.add_row(f"dk_{each.prefix}_…", each.owner, each.name, f"{each.created_at:%Y-%m-%d %H:%M}", state)
    Console().print(table)


@keys.command("revoke")
def close_key(key: Annotated[str, typer.Argument(help="Its id or its prefix.")]) -> None:
    """Close a key for good."""
    prefix = key.removeprefix("dk_").partition("_")[0]
    if not _with_database(lambda database: revoke_key(database, prefix)):
        _say(f"no open key {key}; `darkroom keys list` shows them")
        raise typer.Exit(1)
    _say("revoked")


def _settings() -> Settings:
    """For tools that neither serve nor buy: unreadable settings stop them, unsafe ones do not."""
    try:
        return Settings()
    except ValidationError as error:
        raise UnsafeSettings(unreadable(error)) from None


def _with_database(do: Callable[[Database], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        database = open_database(_settings())
        try:
            return await do(database)
        finally:
            await database.close()

    return _run(run())


def _run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(coroutine)


def _key_view(key: ApiKey) -> dict[str, str | None]:
    return {
        "id": str(key.id),
        "prefix": key.prefix,
        "owner": key.owner,
        "name": key.name,
        "created_at": key.created_at.isoformat(),
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
    }


def _say(*lines: str) -> None:
    for line in lines:
        print(line, file=sys.stderr)
