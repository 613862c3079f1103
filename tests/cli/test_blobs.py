"""`darkroom blobs`: from one store into another, and the proof that all are there."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.cli.test_commands import Ended, darkroom
from tests.house import House
from tests.ports import free_port
from tests.storage.moto import RunningMoto
from tests.web.steps import file_stored

CONTENTS = [bytes([number]) * 100_000 * number for number in range(1, 5)]


@pytest.fixture
async def keys(front: House) -> list[str]:
    """Stored on the disk."""
    return [await file_stored(front, content, "image/png", "png") for content in CONTENTS]


@pytest.fixture
def bucket(moto: RunningMoto) -> str:
    return moto.new_bucket()


@pytest.fixture
def there(moto: RunningMoto, bucket: str) -> dict[str, str]:
    """The bucket's settings, while the disk stays what outputs are kept on."""
    place = moto.settings(bucket) | {"storage": "local"}
    return {name.upper(): _plain(value) for name, value in place.items()}


def _plain(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def place_of(house: House, key: str) -> Path:
    return house.settings.blobs_folder / key[:2] / key


def told(ended: Ended, code: int = 0) -> dict[str, Any]:
    assert ended.code == code, ended.err
    return dict(json.loads(ended.out))


def counted(ended: Ended, code: int = 0) -> dict[str, int]:
    return {name: count for name, count in told(ended, code)["files"].items() if count}


async def test_a_dry_run_says_what_would_be_copied(
    front: House, keys: list[str], there: dict[str, str], moto: RunningMoto, bucket: str
) -> None:
    ended = await darkroom(front, "blobs", "copy", "--to", "s3", "--dry-run", "--json", **there)
    assert counted(ended) == {"to_copy": 4}
    assert told(ended)["bytes"]["to_copy"] == sum(map(len, CONTENTS))
    assert moto.names(bucket) == []


async def test_a_copy_has_every_file_and_a_second_one_nothing_to_do(
    front: House, keys: list[str], there: dict[str, str], moto: RunningMoto, bucket: str
) -> None:
    first = await darkroom(front, "blobs", "copy", "--to", "s3", "--json", **there)
    assert counted(first) == {"copied": 4}
    assert sorted(moto.names(bucket)) == sorted(f"development/{key}" for key in keys)
    for more in ((), ("--hash",)):
        again = await darkroom(front, "blobs", "copy", "--to", "s3", *more, **there)
        assert (again.code, again.out) == (0, "4 there and as recorded (1.0 MB)\n")
    assert counted(await darkroom(front, "blobs", "verify", "--store", "s3", "--hash", "--json", **there)) == {
        "present": 4
    }


async def test_a_copy_that_was_interrupted_goes_on(
    front: House, keys: list[str], there: dict[str, str], moto: RunningMoto, bucket: str
) -> None:
    await darkroom(front, "blobs", "copy", "--to", "s3", **there)
    moto.remove(bucket, f"development/{keys[0]}")
    moto.put(bucket, f"development/{keys[1]}", b"half")
    moto.put(bucket, f"development/{keys[2]}", b"x" * len(CONTENTS[2]))
    seen = await darkroom(front, "blobs", "verify", "--store", "s3", "--json", **there)
    assert counted(seen, code=1) == {"present": 2, "missing": 1, "damaged": 1}
    read = await darkroom(front, "blobs", "verify", "--store", "s3", "--hash", "--json", **there)
    assert counted(read, code=1) == {"present": 1, "missing": 1, "damaged": 2}
    went_on = await darkroom(front, "blobs", "copy", "--to", "s3", "--json", "--hash", **there)
    assert counted(went_on) == {"copied": 3, "present": 1}


async def test_what_is_damaged_or_missing_is_told_and_never_copied(
    front: House, keys: list[str], there: dict[str, str], moto: RunningMoto, bucket: str
) -> None:
    place_of(front, keys[0]).unlink()
    place_of(front, keys[1]).write_bytes(b"short")
    place_of(front, keys[2]).write_bytes(b"x" * len(CONTENTS[2]))
    planned = await darkroom(front, "blobs", "copy", "--to", "s3", "--dry-run", "--json", **there)
    assert counted(planned, code=1) == {"to_copy": 2, "missing": 1, "damaged": 1}
    ended = await darkroom(front, "blobs", "copy", "--to", "s3", "--json", **there)
    assert counted(ended, code=1) == {"copied": 1, "missing": 1, "damaged": 2}
    assert {each["key"] for each in told(ended, code=1)["trouble"]} == set(keys[:3])
    assert moto.names(bucket) == [f"development/{keys[3]}"]
    people = await darkroom(front, "blobs", "verify", "--hash")
    assert (people.code, people.out.splitlines()) == (
        1,
        ["1 there and as recorded (0.4 MB)", "1 missing (0.1 MB)", "2 damaged (0.5 MB)"],
    )
    assert f"{keys[1]}: damaged, 5 bytes instead of {len(CONTENTS[1])}" in people.err


async def test_files_come_back_from_a_bucket_too(front: House, keys: list[str], there: dict[str, str]) -> None:
    await darkroom(front, "blobs", "copy", "--to", "s3", **there)
    for key in keys:
        place_of(front, key).unlink()
    back = await darkroom(front, "blobs", "copy", "--to", "local", "--from", "s3", "--json", **there)
    assert counted(back) == {"copied": 4}
    assert [place_of(front, key).read_bytes() for key in keys] == CONTENTS


async def test_a_store_that_is_not_set_up_is_refused(front: House) -> None:
    ended = await darkroom(front, "blobs", "copy", "--to", "gcs")
    assert (ended.code, "GCS_BUCKET: missing" in ended.err) == (2, True)
    assert (await darkroom(front, "blobs", "copy", "--to", "local")).code == 2
    assert (await darkroom(front, "blobs", "copy", "--to", "floppy")).code == 2


async def test_a_store_that_is_away_is_not_a_store_where_all_is_missing(
    front: House, keys: list[str], there: dict[str, str]
) -> None:
    away = there | {"S3_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    ended = await darkroom(front, "blobs", "verify", "--store", "s3", **away)
    assert (ended.code, ended.out) == (1, "")
    assert "The storage does not work (UNREACHABLE)." in ended.err


async def test_a_house_without_files_has_nothing_to_verify(front: House) -> None:
    ended = await darkroom(front, "blobs", "verify")
    assert (ended.code, ended.out) == (0, "no file is recorded yet\n")
