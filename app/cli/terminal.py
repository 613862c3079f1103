"""What the commands share: settings for tools, a database for one call, words for people on stderr."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
import uvloop
from pydantic import ValidationError
from rich.console import Console

from app.bootstrap import Services, open_database, open_services
from app.db.engine import Database
from app.logs import configure_logs
from app.refusals import UnsafeSettings, unreadable
from app.settings import Settings

Result = TypeVar("Result")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
console = Console()


def settings_here() -> Settings:
    """Beside a running `./scripts/up` those that it gave to its processes, unless the environment says otherwise.

    Raises pydantic's ValidationError.
    """
    settings = Settings()
    beside = settings.darkroom_data / "up.env"
    return settings if settings.is_strict or not beside.exists() else Settings(_env_file=(".env", beside))


def tool_settings() -> Settings:
    """For tools that neither serve nor buy: unreadable settings stop them, unsafe ones do not."""
    try:
        settings = settings_here()
    except ValidationError as error:
        raise UnsafeSettings(unreadable(error)) from None
    configure_logs("WARNING", settings.log_format)
    return settings


def with_database(do: Callable[[Database], Awaitable[Result]]) -> Result:
    async def call() -> Result:
        database = open_database(tool_settings())
        try:
            return await do(database)
        finally:
            await database.close()

    return run(call())


def with_services(do: Callable[[Services], Awaitable[Result]]) -> Result:
    async def call() -> Result:
        async with open_services(tool_settings()) as services:
            return await do(services)

    return run(call())


def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(coroutine)


def parsed_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no id") from None


def print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def say(*lines: str) -> None:
    """For people, on stderr; stdout carries what was asked for."""
    for line in lines:
        print(line, file=sys.stderr)
