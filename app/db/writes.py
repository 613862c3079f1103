"""Rows that nobody waits for: what a transaction leaves in several tables is written last in it, in one statement.

Whoever has such a row says so (`later`), and `Database.transaction` writes them before it commits; whoever reads one of
these tables in the same transaction writes them first (`written`).

The rows travel as one JSON document, which Postgres casts to the tables' types (`jsonb_to_recordset`). A statement that
is written once costs neither composing nor parsing again, and inserts into all tables alike, those without rows too.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, Text, bindparam, text
from sqlalchemy.dialects.postgresql.base import PGDialect

from app.db.engine import Transaction, notes_of
from app.db.tables import balance_moves, events, files, ledger, predictions, tallies

Row = Mapping[str, Any]


@dataclass(slots=True)
class Writes:
    """Rows by their table. What a table fills in itself, ids and times of writing, is left out. Of a file the last."""

    events: list[Row] = field(default_factory=list)
    tallies: list[Row] = field(default_factory=list)
    ledger: list[Row] = field(default_factory=list)
    moves: list[Row] = field(default_factory=list)
    files: dict[tuple[Any, int], Row] = field(default_factory=dict)

    async def flush(self, tx: Transaction, predictions: Sequence[Row] = ()) -> None:
        """`predictions` are new ones. Nothing to write costs nothing."""
        given = {
            "events": self.events,
            "tallies": self.tallies,
            "ledger": self.ledger,
            "balance_moves": self.moves,
            "files": [*self.files.values()],
        }
        if predictions:
            await tx.execute(_WITH_PREDICTIONS, {"given": _json({**given, "predictions": predictions})})
        elif any(given.values()):
            await tx.execute(_WITHOUT, {"given": _json(given)})


def later(tx: Transaction) -> Writes:
    """To be added to; written before `tx` commits."""
    notes = notes_of(tx)
    if notes is None:
        raise RuntimeError("what is `alone` has no end at which to write")
    if not isinstance(notes.left, Writes):
        notes.left = Writes()
    return notes.left


async def written(tx: Transaction) -> None:
    """What was left until now."""
    notes = notes_of(tx)
    if notes is not None and notes.left is not None:
        left, notes.left = notes.left, None
        await left.flush(tx)


_DATED = (events, ledger)
"""Their rows have one time, since nobody can say which of them Postgres inserts first."""
_DIALECT = PGDialect()  # type: ignore[no-untyped-call]


def _json(rows: Mapping[str, Sequence[Row]]) -> str:
    return json.dumps(rows, default=str, ensure_ascii=False, allow_nan=False)


def _statement(*tables: tuple[Table, Sequence[str]]) -> str:
    parts = [f"{table.name}_written AS ({_insert(table, columns)})" for table, columns in tables]
    given = "SELECT CAST(:given AS jsonb) AS rows, clock_timestamp() AS now"
    return f"WITH given AS MATERIALIZED ({given}), {', '.join(parts)} SELECT 1"


def _insert(table: Table, columns: Sequence[str]) -> str:
    quoted = [f'"{name}"' for name in columns]
    types = ", ".join(f'"{name}" {_DIALECT.type_compiler_instance.process(table.c[name].type)}' for name in columns)
    source = f"given, jsonb_to_recordset(given.rows -> '{table.name}') AS given_row ({types})"
    into, values = quoted, quoted
    if table in _DATED:
        into, values = [*quoted, '"at"'], [*quoted, "given.now"]
    insert = f"INSERT INTO {table.name} ({', '.join(into)}) SELECT {', '.join(values)} FROM {source}"  # noqa: S608, our own
    return insert + (_in_place_of_the_old(table, quoted) if table is files else "")


def _in_place_of_the_old(table: Table, columns: Sequence[str]) -> str:
    key = [f'"{column.name}"' for column in table.primary_key]
    newer = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    return f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {newer}"


def _without(table: Table, *left_out: str) -> tuple[Table, list[str]]:
    return table, [column.name for column in table.columns if column.name not in left_out]


_SMALL = (
    _without(events, "id", "at"),
    _without(tallies, "id", "at"),
    _without(ledger, "id", "at"),
    _without(balance_moves, "id"),
    _without(files, "quarantined_at"),
)
_GIVEN = bindparam("given", type_=Text)
_WITHOUT = text(_statement(*_SMALL)).bindparams(_GIVEN)
_WITH_PREDICTIONS = text(_statement(_without(predictions, "attempt_token"), *_SMALL)).bindparams(_GIVEN)
