"""Bare asyncpg behind Starlette: the very statements of one create, again and again, each time with new ids.

`--recorded` is a JSON file of two creates' statements. What differs between the two (ids, tokens, keys, hashes) is made
anew for every request; all else stays as it was. One connection of a pool for a request, the transactions as they were,
but for the empty ones.
"""

import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from scripts.benchmarks.references.serving import POOL, arguments, routes, serve

SHORTEST_TOKEN = 16
TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]")
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A statement, its values, and which of them differ from create to create."""

    sql: str
    simple: bool
    values: tuple[Any, ...]
    varying: frozenset[int]


@dataclass(frozen=True, slots=True)
class Script:
    statements: tuple[Recorded, ...]
    parts: tuple[Any, ...]
    """What is made anew: ids, tokens, hashes."""

    async def run(self, connection: asyncpg.Connection) -> str:
        """The new id."""
        new = {part: _another(part) for part in self.parts}
        for each in self.statements:
            if each.simple:
                await connection.execute(each.sql)
                continue
            values = [_with(new, value) if at in each.varying else value for at, value in enumerate(each.values)]
            await connection.fetch(each.sql, *values)
        return str(next((made for made in new.values() if isinstance(made, UUID)), ""))


async def read_script(connection: asyncpg.Connection, recorded: Mapping[str, Sequence[Mapping[str, Any]]]) -> Script:
    """The server itself turns the values' text into values, by the types that the statements want."""
    one = [await _values(connection, each) for each in recorded["one"]]
    two = [await _values(connection, each) for each in recorded["two"]]
    statements: list[Recorded] = []
    parts: dict[Any, None] = {}
    for told, values, twins in zip(recorded["one"], one, two, strict=True):
        differing = {at for at, (a, b) in enumerate(zip(values, twins, strict=True)) if a != b}
        for at in differing:
            parts |= dict.fromkeys(_parts(values[at], twins[at]))
        statements.append(Recorded(told["sql"], told["simple"], tuple(values), frozenset(differing)))
    ids = [part for part in parts if isinstance(part, UUID)]
    others = [part for part in parts if not isinstance(part, UUID) and not any(_has(part, each) for each in ids)]
    return Script(tuple(statements), (*ids, *others))


async def _values(connection: asyncpg.Connection, told: Mapping[str, Any]) -> list[Any]:
    if told["simple"]:
        return []
    wanted = (await connection.prepare(told["sql"])).get_parameters()
    return [
        await connection.fetchval(f"SELECT $1::text::{await _type(connection, kind.oid)}", text)
        for kind, text in zip(wanted, told["values"], strict=True)
    ]


async def _type(connection: asyncpg.Connection, oid: int) -> str:
    return str(await connection.fetchval("SELECT format_type($1, NULL)", oid))


def _parts(value: Any, other: Any) -> list[Any]:
    """The ids and tokens in which two values differ, within documents too. Numbers and times may stay as they are."""
    if value == other:
        return []
    if isinstance(value, dict) and isinstance(other, dict):
        return [part for name in value if name in other for part in _parts(value[name], other[name])]
    if isinstance(value, list) and isinstance(other, list):
        return [part for a, b in zip(value, other, strict=False) for part in _parts(a, b)]
    if not isinstance(value, str):
        return [value] if isinstance(value, UUID | bytes) else []
    if value[:1] in ("[", "{"):
        return _parts(json.loads(value), json.loads(other))
    if len(value) < SHORTEST_TOKEN or TIME.match(value):
        return []
    return [UUID(value) if ID.fullmatch(value) else value]


def _with(new: Mapping[Any, Any], value: Any) -> Any:
    """The value with its ids and tokens exchanged, also where they are only a part of it."""
    if isinstance(value, list):
        return [_with(new, each) for each in value]
    if value in new:
        return new[value]
    for old, made in new.items():
        if isinstance(value, str) and not isinstance(old, bytes):
            value = value.replace(str(old), str(made))
        elif isinstance(old, UUID) and isinstance(value, bytes):
            value = value.replace(old.bytes, made.bytes)
    return value


def _has(part: str | bytes, prediction_id: UUID) -> bool:
    return str(prediction_id) in part if isinstance(part, str) else prediction_id.bytes in part


def _another(part: Any) -> Any:
    """Of the same kind and length; ids grow, as ours do."""
    if isinstance(part, UUID):
        return UUID(int=time.time_ns() // 10**6 << 80 | 7 << 76 | 2 << 62 | secrets.randbits(62))
    if isinstance(part, bytes):
        return secrets.token_bytes(len(part))
    return secrets.token_urlsafe(len(part))[: len(part)]


def application(database: str, recorded: Mapping[str, Sequence[Mapping[str, Any]]]) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        connection = await asyncpg.connect(database)
        script = await read_script(connection, recorded)
        await connection.close()
        async with asyncpg.create_pool(database, min_size=POOL, max_size=POOL) as pool:
            yield {"pool": pool, "script": script}

    async def create(request: Request) -> Response:
        body = await request.json()
        async with request.state.pool.acquire() as connection:
            made = await request.state.script.run(connection)
        return JSONResponse({"id": made, "status": "starting", "model": body["model"]}, 201)

    return Starlette(routes=routes(Route("/api/predictions", create, methods=["POST"])), lifespan=lifespan)


if __name__ == "__main__":
    given = arguments("database", "recorded")
    serve(application(given.database, json.loads(Path(given.recorded).read_text())), given.port)
