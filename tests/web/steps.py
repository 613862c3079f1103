"""Steps of a prediction's life, taken by hand where no worker runs."""

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from app.actions.issue_key import IssuedKey, issue_key
from app.db.engine import Database
from app.domain.grants import Grant
from app.storage.keys import new_key
from app.stores import open_blobs
from tests.house import House


@asynccontextmanager
async def database_of(house: House) -> AsyncIterator[Database]:
    opened = Database(house.settings.database_url.get_secret_value(), pool_size=1)
    try:
        yield opened
    finally:
        await opened.close()


async def issued(house: House, owner: str = "", **granted: Any) -> IssuedKey:
    """A key, for somebody new if for nobody named; `granted` as in Grant."""
    async with database_of(house) as database:
        return await issue_key(database, owner=owner or secrets.token_hex(4), grant=Grant(**granted))


async def key_for(house: House, owner: str = "", **granted: Any) -> str:
    return (await issued(house, owner, **granted)).key.text


async def sold(house: House, prediction_id: str, provider_id: str) -> None:
    """As after the provider's answer to the create."""
    await house.rows(
        "UPDATE predictions SET provider_id = $2, stage = 'waiting', version = version + 1, updated_at = now() "
        "WHERE id = $1",
        prediction_id,
        provider_id,
    )


async def begun(house: House, provider_id: str) -> None:
    answer = await house.deliver({"id": provider_id, "status": "processing"})
    assert answer.json() == {"received": True}


async def failed(house: House, provider_id: str) -> None:
    answer = await house.deliver({"id": provider_id, "status": "failed", "error": "no"})
    assert answer.json() == {"received": True}


async def file_stored(house: House, content: bytes, content_type: str, extension: str) -> str:
    """The key of a new prediction's stored output."""
    prediction_id = (await house.create()).json()["id"]
    key = new_key(extension)
    async with open_blobs(house.settings) as blobs:
        upload = await blobs.begin(key)
        await upload.write(content)
        await upload.commit()
    await house.rows(
        "INSERT INTO files (prediction_id, position, source_url, state, key, content_type, bytes, sha256) "
        "VALUES ($1, 0, 'https://cdn.example.com/a', 'stored', $2, $3, $4, $5)",
        prediction_id,
        key,
        content_type,
        len(content),
        hashlib.sha256(content).hexdigest(),
    )
    return key


async def callback_token(house: House, prediction_id: str) -> str:
    (row,) = await house.rows("SELECT callback_token FROM predictions WHERE id = $1", prediction_id)
    return str(row["callback_token"])


async def state(house: House, prediction_id: str) -> dict[str, Any]:
    (row,) = await house.rows(
        "SELECT provider_id, status, stage, version FROM predictions WHERE id = $1", prediction_id
    )
    return row
