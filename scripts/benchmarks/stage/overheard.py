"""The statements that a database was asked, with their values, as its server wrote them down (`log_statement`)."""

import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.benchmarks.stage.server import LOG
from scripts.benchmarks.stage.sql import ask
from scripts.benchmarks.stage.stage import Stage

SETTLED_SECONDS = 0.3
"""Until the server's processes have read a changed setting, and its collector has written what they said."""
ENDS = ("COMMIT", "ROLLBACK")
_MESSAGE = re.compile(r"(statement|execute [^:]*): (.*)", re.DOTALL)
_VALUE = re.compile(r"\$\d+ = (NULL|'((?:[^']|'')*)')")


@dataclass(frozen=True, slots=True)
class Statement:
    """`values` are the text of its parameters; `simple` are those that have none and were not prepared."""

    session: int
    sql: str
    values: tuple[str | None, ...] = ()
    simple: bool = False


@contextmanager
def overhear(stage: Stage) -> Iterator["Ear"]:
    """The server tells every statement while this lasts; what is measured meanwhile says nothing about speed."""
    _set(stage, "'all'")
    try:
        yield Ear(stage.folder / "log" / f"{LOG}.json")
    finally:
        _set(stage, "DEFAULT")


class Ear:
    def __init__(self, log: Path) -> None:
        self._log = log
        self._at = log.stat().st_size

    def heard(self, database: str) -> list[Statement]:
        """By that database since the last time."""
        time.sleep(SETTLED_SECONDS)
        with self._log.open("rb") as file:
            file.seek(self._at)
            lines = file.read().splitlines()
            self._at = file.tell()
        return statements(lines, database)


def statements(lines: Sequence[bytes], database: str) -> list[Statement]:
    """Of the server's log, which is one JSON object a line."""
    entries = [json.loads(line) for line in lines]
    said = [(entry, _MESSAGE.fullmatch(entry.get("message", ""))) for entry in entries]
    return [
        Statement(entry["pid"], match[2].rstrip("; \n"), _values(entry.get("detail", "")), match[1] == "statement")
        for entry, match in said
        if match and entry.get("dbname") == database
    ]


def without_empty_transactions(heard: Sequence[Statement]) -> list[Statement]:
    """A pool that tries a connection before it lends it opens one and ends it at once."""
    kept: list[Statement] = []
    for each in heard:
        opened = kept[-1] if kept else None
        if opened and each.simple and each.sql in ENDS and opened.sql == "BEGIN" and opened.session == each.session:
            kept.pop()
        else:
            kept.append(each)
    return kept


def _values(detail: str) -> tuple[str | None, ...]:
    found = _VALUE.finditer(detail)
    return tuple(None if match[1] == "NULL" else match[2].replace("''", "'") for match in found)


def _set(stage: Stage, value: str) -> None:
    ask(stage.url, f"ALTER SYSTEM SET log_statement = {value}")
    ask(stage.url, "SELECT pg_reload_conf()")
    time.sleep(SETTLED_SECONDS)
