"""Which revision the code wants, which the database has, and getting there, by Alembic.

Alembic is loaded where it is needed and not before: it brings its templates and their colouring, 8 MiB that a process
which serves would carry for nothing. What the code wants can be read from the migrations as they lie there.
"""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from app.db.engine import Transaction

if TYPE_CHECKING:
    from alembic.config import Config

ROOT = Path(__file__).parents[2]
VERSIONS = ROOT / "migrations" / "versions"
_NAMED = re.compile(r'^(revision|down_revision) = "(.+)"$', re.MULTILINE)


def config(url: str = "") -> "Config":
    from alembic.config import Config  # noqa: PLC0415, see above

    found = Config(ROOT / "alembic.ini")
    found.attributes["url"] = url
    return found


@cache
def head() -> str | None:
    """The revision that none comes after. Raises ValueError if there are several."""
    named = [dict(_NAMED.findall(path.read_text("utf-8"))) for path in VERSIONS.glob("*.py")]
    passed = {each.get("down_revision") for each in named}
    heads = {each["revision"] for each in named} - passed
    if len(heads) > 1:
        raise ValueError(f"several migrations come last: {sorted(heads)}")
    return heads.pop() if heads else None


async def current(tx: Transaction) -> str | None:
    """None before the first migration."""
    exists = (await tx.execute(text("SELECT to_regclass('alembic_version')"))).scalar_one()
    if exists is None:
        return None
    revision: str | None = (await tx.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
    return revision


def migrate(url: str) -> None:
    """Up to the newest revision. Blocks, and runs an event loop of its own."""
    from alembic import command  # noqa: PLC0415, see above

    command.upgrade(config(url), "head")
