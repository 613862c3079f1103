"""The database comes back from a backup and is older than the world: nothing is bought again, and files are compared.

The backup is made and brought back by the real pg_dump and pg_restore.
"""

import asyncio
import json
from pathlib import Path

import pytest

from app.embedded.binaries import choose_binaries
from app.embedded.postgres import EmbeddedPostgres
from app.settings import Settings
from tests.cli.test_commands import darkroom
from tests.emulator.process import RunningEmulator
from tests.house import open_house


class Backup:
    """Of the tests' server, in the custom format."""

    def __init__(self, postgres: EmbeddedPostgres, folder: Path) -> None:
        self._server, self._file = postgres.url, folder / "darkroom.dump"
        self._binaries = choose_binaries(postgres.data).folder

    async def make(self, settings: Settings) -> None:
        await self._run("pg_dump", "-Fc", "-f", str(self._file), settings.database_url.get_secret_value())

    async def bring_back(self, settings: Settings) -> None:
        """Over what is there."""
        url = settings.database_url.get_secret_value()
        await self._run("pg_restore", "--clean", "--if-exists", "--no-owner", "-d", url, str(self._file))

    async def _run(self, name: str, *arguments: str) -> None:
        process = await asyncio.create_subprocess_exec(self._binaries / name, *arguments)
        assert await process.wait() == 0


@pytest.fixture
def backup(postgres: EmbeddedPostgres, tmp_path: Path) -> Backup:
    return Backup(postgres, tmp_path)


async def test_a_restored_database_buys_nothing_again_and_compares_the_files(
    settings: Settings, fresh_emulator: RunningEmulator, backup: Backup
) -> None:
    async with open_house(settings, fresh_emulator) as house:
        done = await house.final((await house.create("made before the backup")).json()["id"])
    async with open_house(settings, fresh_emulator, with_worker=False) as house:
        owed = (await house.create("bought after the backup")).json()["id"]
        await backup.make(settings)
    async with open_house(settings, fresh_emulator) as house:
        await house.final(owed)
        later = (await house.create("made after the backup")).json()["id"]
        await house.final(later)
        removed = done["output"][0].rpartition("/")[2]

    await backup.bring_back(settings)
    (settings.blobs_folder / removed[:2] / removed).unlink()
    async with open_house(settings, fresh_emulator, with_worker=False) as house:
        told = json.loads((await darkroom(house, "restored", "--json")).out)
        assert told == {"looked_for": 1, "missing_files": [removed], "unnamed_files": 4}
        assert json.loads((await darkroom(house, "restored", "--json")).out)["looked_for"] == 0

    async with open_house(settings, fresh_emulator) as house:
        again = await house.final(owed)
        assert (again["status"], again["error"]) == ("succeeded", None)
        assert (await house.client.get(again["output"][0])).status_code == 200
        assert (await house.client.get(f"/api/predictions/{later}")).status_code == 404
        assert len(await house.ledger()) == 3
