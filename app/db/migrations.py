"""Alembic, called from our own commands: which revision the code wants, which the database has, and getting there."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from app.db.engine import Transaction

ROOT = Path(__file__).parents[2]


def config(url: str = "") -> Config:
    found = Config(ROOT / "alembic.ini")
    found.attributes["url"] = url
    return found


@cache
def head() -> str | None:
    return ScriptDirectory.from_config(config()).get_current_head()


async def current(tx: Transaction) -> str | None:
    """None before the first migration."""
    exists = (await tx.execute(text("SELECT to_regclass('alembic_version')"))).scalar_one()
    if exists is None:
        return None
    revision: str | None = (await tx.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
    return revision


def migrate(url: str) -> None:
    """Up to the newest revision. Blocks, and runs an event loop of its own."""
    command.upgrade(config(url), "head")
