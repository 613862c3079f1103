"""The whole house with its outputs in a bucket: kept, handed out, removed; and what it does while there is trouble."""

import hashlib
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr

from app.actions.sweep_orphans import sweep_orphans
from app.bootstrap import open_services
from app.settings import Settings
from app.storage.keys import new_key
from tests.cli.test_commands import DARKROOM
from tests.emulator.process import RunningEmulator
from tests.flows.running_up import running_up
from tests.house import House, eventually_async, open_house
from tests.storage.moto import RunningMoto, start_moto


@pytest.fixture
def bucket(moto: RunningMoto) -> str:
    return moto.new_bucket()


@pytest.fixture
async def house(
    settings: Settings, fresh_emulator: RunningEmulator, moto: RunningMoto, bucket: str
) -> AsyncIterator[House]:
    async with open_house(settings.model_copy(update=moto.settings(bucket)), fresh_emulator) as opened:
        yield opened


def key_of(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


async def fetched(house: House, url: str) -> bytes:
    """Through our door, and on from there."""
    sent_on = await house.client.get(url)
    assert sent_on.status_code == 307
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(sent_on.headers["location"])).raise_for_status().content


async def test_a_prediction_ends_as_a_picture_in_the_bucket(house: House, moto: RunningMoto, bucket: str) -> None:
    final = await house.final((await house.create("a lighthouse at night")).json()["id"])
    assert (final["status"], final["error"]) == ("succeeded", None)
    (file,) = final["files"]
    assert (final["output"], file["content_type"], file["width"]) == ([file["url"]], "image/png", 1024)
    assert file["url"].startswith(f"http://127.0.0.1:{house.settings.port}/files/")
    picture = await fetched(house, file["url"])
    assert (len(picture), hashlib.sha256(picture).hexdigest()) == (file["bytes"], file["sha256"])
    assert sorted(moto.names(bucket)) == sorted(f"test/{key_of(file[name])}" for name in ("url", "thumbnail_url"))
    thumbnail = await fetched(house, file["thumbnail_url"])
    assert (thumbnail[:4], thumbnail[8:12]) == (b"RIFF", b"WEBP")
    assert list((house.settings.darkroom_data / "spool").iterdir()) == []


async def test_a_prediction_that_is_deleted_leaves_the_bucket_too(house: House, moto: RunningMoto, bucket: str) -> None:
    final = await house.final((await house.create()).json()["id"])
    assert (await house.client.delete(final["urls"]["get"])).status_code == 200
    assert moto.names(bucket) == []


async def test_what_no_row_names_is_swept_and_what_is_somebody_else_s_stays(
    house: House, moto: RunningMoto, bucket: str
) -> None:
    final = await house.final((await house.create()).json()["id"])
    (file,) = final["files"]
    own = {f"test/{key_of(file[name])}" for name in ("url", "thumbnail_url")}
    kept = own | {"report.pdf", f"preview/{new_key('png')}"}
    for name in (*kept - set(moto.names(bucket)), f"test/{new_key('png')}"):
        moto.put(bucket, name, b"x")
    async with open_services(house.settings) as services:
        assert await sweep_orphans(services.database, services.blobs, older_than=3600) == 0
        assert await sweep_orphans(services.database, services.blobs, older_than=-60) == 1
    assert set(moto.names(bucket)) == kept


async def test_outputs_wait_for_a_bucket_that_is_away(
    settings: Settings, fresh_emulator: RunningEmulator, tmp_path: Path
) -> None:
    moto = start_moto(tmp_path)
    place = moto.settings(moto.new_bucket()) | {"skytells_output_lifetime_seconds": 120}
    moto.stop()
    async with open_house(settings.model_copy(update=place), fresh_emulator) as house:
        created = (await house.create()).json()
        path = f"/api/predictions/{created['id']}"

        async def is_red() -> bool:
            ready = await house.client.get("/health/ready")
            return ready.status_code == 503 and ready.json()["checks"]["blobs"] == "not writable (UNREACHABLE)"

        async def has_failed_once() -> bool:
            told = (await house.client.get(f"{path}/receipt")).json()["timeline"]
            return any("storage_unavailable (UNREACHABLE)" in str(entry) for entry in told)

        await eventually_async(is_red)
        await eventually_async(has_failed_once)
        now = (await house.client.get(path)).json()
        assert (now["status"], now["stage"], now["output"]) == ("processing", "storing", None)

        moto = start_moto(tmp_path, port=urlsplit(moto.url).port)
        try:
            moto.make_bucket(str(place["s3_bucket"]))
            final = await house.final(created["id"])
            assert (final["status"], final["error"]) == ("succeeded", None)
            picture = await fetched(house, final["output"][0])
            assert hashlib.sha256(picture).hexdigest() == final["files"][0]["sha256"]
        finally:
            moto.stop()


def test_a_worker_killed_while_the_bucket_takes_its_picture_leaves_nothing(tmp_path: Path) -> None:
    """The bucket is frozen with the upload in its hands; the worker dies, another one stores the picture."""
    moto = start_moto(tmp_path)
    bucket = moto.new_bucket()
    names = {name.upper(): _plain(value) for name, value in moto.settings(bucket).items()}
    spool = tmp_path / "data" / "spool"
    try:
        with running_up(tmp_path / "data", EMULATOR_ART="plain", WORKER_LEASE_SECONDS="2", **names) as up:
            moto.freeze()
            prediction_id = up.create("dies in mid upload")
            up.until(prediction_id, "storing")
            up.wait(lambda: spool.is_dir() and any(spool.iterdir()))
            os.kill(up.pid("darkroom", " worker"), signal.SIGKILL)
            moto.thaw()
            final = up.until(prediction_id, "done")
            assert (final["status"], final["error"]) == ("succeeded", None)
            for left in spool.iterdir():
                os.utime(left, (1, 1))
            _clean_up(DARKROOM_DATA=str(up.data), **names)
            assert list(spool.iterdir()) == []
            (file,) = final["files"]
            own = [f"development/{key_of(file[name])}" for name in ("url", "thumbnail_url")]
            assert sorted(moto.names(bucket)) == sorted(own)
            assert moto.unfinished(bucket) == 0
    finally:
        moto.stop()


def _plain(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _clean_up(**settings: str) -> None:
    command = [str(DARKROOM), "cleanup", "--older-than", "0"]
    subprocess.run(command, env={"PATH": os.environ["PATH"], **settings}, cwd=settings["DARKROOM_DATA"], check=True)
