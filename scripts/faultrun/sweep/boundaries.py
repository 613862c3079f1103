"""Names for what passes. A boundary is named by what it is, not by a count: processes also talk about other things."""

import re
from dataclasses import dataclass
from typing import Literal

How = Literal["before", "after", "cut"]
"""Kill before its first byte passes, kill once its last has, or let it pass and cut the connection at the reply."""

VERB = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|BEGIN|COMMIT|ROLLBACK)\b", re.IGNORECASE)
TABLE = re.compile(r'\b(?:FROM|INTO|UPDATE)\s+"?((?:\w+\.)?\w+)', re.IGNORECASE)
COLUMNS = re.compile(r"SET (.*?) WHERE", re.DOTALL)
IDENTIFIER = re.compile(r"/[0-9a-f]{8}-[0-9a-f-]{27}|/[a-z2-7]{32}(?:-thumb)?\.\w+")


@dataclass(frozen=True, slots=True)
class Boundary:
    """`nth` counts those of the same name within one life, from 1."""

    channel: str
    name: str
    nth: int

    def __str__(self) -> str:
        return f"{self.channel}: {self.name}" + (f" ({self.nth})" if self.nth > 1 else "")


@dataclass(frozen=True, slots=True)
class Cut:
    """A boundary and what is done there."""

    boundary: Boundary
    how: How

    def __str__(self) -> str:
        words = {"before": "killed before", "after": "killed after", "cut": "reply cut of"}
        return f"{words[self.how]} {self.boundary}"


def statement_name(sql: str) -> str:
    """`UPDATE predictions (attempts, due_at)`: verb, table, and for updates what they set."""
    verb = VERB.search(sql)
    if verb is None:
        return sql.strip()[:40]
    name = verb[1].upper()
    table = TABLE.search(sql)
    if name in ("BEGIN", "COMMIT", "ROLLBACK") or table is None:
        return name
    columns = COLUMNS.search(sql) if name == "UPDATE" else None
    listed = sorted(part.partition("=")[0].strip() for part in re.split(r",(?![^(]*\))", columns[1])) if columns else []
    return f"{name} {table[1]}" + (f" ({', '.join(listed)})" if listed else "")


def request_name(method: str, target: str) -> str:
    return f"{method} {IDENTIFIER.sub('/…', target.partition('?')[0])}"


def victim_of(channel: str) -> str:
    """The process of ours at this boundary: who asks Postgres, the provider or the CDN, and who is called back."""
    if channel.startswith("pg-"):
        return channel.removeprefix("pg-")
    return "web-1" if channel == "hook" else "worker-1"


def ways_of(boundary: Boundary) -> tuple[How, ...]:
    """A reply has no reply that could be cut."""
    return ("before", "after") if boundary.name.startswith("reply to ") else ("before", "after", "cut")


def is_repeated_look(boundary: Boundary) -> bool:
    """A client polls as often as it likes; one look of each kind is enough to be cut off in."""
    is_look = boundary.name.startswith((";", "SELECT", "BEGIN", "ROLLBACK of reading", "COMMIT of reading"))
    return is_look and boundary.nth > 1
