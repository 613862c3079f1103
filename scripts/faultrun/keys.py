"""A key for each owner, by the product's own command, in one process: starting eight takes as long as half a run."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scripts.faultrun.budgets import Budget

MAKE_KEYS = """
import json, sys
from app.cli import main
for words in json.loads(sys.argv[1]):
    sys.argv = ["darkroom", "keys", "create", *words, "--json"]
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise
"""
SCOPES = ("--scope", "create", "--scope", "read", "--scope", "admin")


@dataclass(frozen=True, slots=True)
class Key:
    """`account` is the name by which the product's balances know it."""

    text: str = field(repr=False)
    account: str


def making(owners: Sequence[str], budgets: Mapping[str, Budget]) -> tuple[str, ...]:
    """The command that makes them, in this order; budgets are by owner."""
    wanted = [("--owner", owner, *SCOPES, *(budgets[owner].words if owner in budgets else ())) for owner in owners]
    return sys.executable, "-c", MAKE_KEYS, json.dumps(wanted)


def made(said: str) -> list[Key]:
    """What the command printed: JSON objects, one after the other, in whatever layout."""
    found, decoder, at = [], json.JSONDecoder(), said.find("{")
    while at >= 0:
        value, end = decoder.raw_decode(said, at)
        found.append(Key(value["key"], f"key:{value['id']}"))
        at = said.find("{", end)
    return found
