"""Recorded files move between stores of every kind, each proven by its hash."""

import os
from pathlib import Path

import pytest

from app.actions.compare_blobs import Found, verify_blobs
from app.actions.copy_blobs import copy_blobs
from app.db.engine import Database
from app.stores import open_blobs
from tests.house import House
from tests.storage.benches import KINDS
from tests.storage.moto import RunningMoto
from tests.web.steps import database_of, file_stored

CONTENTS = [b"small", os.urandom(1_500_000), os.urandom(9_000_000)]


@pytest.mark.parametrize("kind", KINDS)
async def test_files_of_the_disk_move_to(kind: str, front: House, moto: RunningMoto, tmp_path: Path) -> None:
    keys = [await file_stored(front, content, "image/png", "png") for content in CONTENTS]
    with KINDS[kind](tmp_path / "there", moto) as there:
        async with database_of(front) as database, open_blobs(front.settings) as here:
            copied = [each async for each in copy_blobs(database, here, there.store, hashes=False, dry_run=False)]
            assert {each.file.key: each.found for each in copied} == dict.fromkeys(keys, Found.COPIED)
            verified = [each async for each in verify_blobs(database, there.store, hashes=True)]
            assert {each.file.key: each.found for each in verified} == dict.fromkeys(keys, Found.PRESENT)
        assert sorted(there.left_behind()) == sorted(keys)


async def test_no_connection_is_held_while_files_move(front: House, moto: RunningMoto, tmp_path: Path) -> None:
    """The pool has one, and it is free whenever a file is looked at."""
    await file_stored(front, b"small", "image/png", "png")
    with KINDS["local"](tmp_path / "there", moto) as there:
        async with database_of(front) as database, open_blobs(front.settings) as here:
            async for each in copy_blobs(database, here, there.store, hashes=True, dry_run=False):
                assert await _answers(database)
                assert each.found is Found.COPIED


async def test_thumbnails_move_along(house: House, moto: RunningMoto, tmp_path: Path) -> None:
    (file,) = (await house.final((await house.create()).json()["id"]))["files"]
    keys = [url.rpartition("/")[2] for url in (file["url"], file["thumbnail_url"])]
    with KINDS["local"](tmp_path / "there", moto) as there:
        async with database_of(house) as database, open_blobs(house.settings) as here:
            copied = [each async for each in copy_blobs(database, here, there.store, hashes=True, dry_run=False)]
            assert {each.file.key: each.found for each in copied} == dict.fromkeys(keys, Found.COPIED)
            await there.store.delete(keys[1])
            verified = {each.file.key: each async for each in verify_blobs(database, there.store, hashes=True)}
            assert [verified[key].found for key in keys] == [Found.PRESENT, Found.MISSING]


async def _answers(database: Database) -> bool:
    async with database.transaction():
        return True
