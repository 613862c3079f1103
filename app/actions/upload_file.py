"""Upload: a picture that predictions may use by its id, looked at and bared before it is kept."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from app.actions.disk_space import FULL, Space
from app.actions.refuse_picture import sentence
from app.db import uploads
from app.db.engine import Database
from app.domain.errors import FieldProblem, InvalidRequest, StorageFull, TemporarilyUnavailable
from app.domain.prediction import StoredFile
from app.domain.upload import Upload, new_upload_id
from app.storage.errors import FileRefused, StorageUnavailable
from app.storage.inputs import Examiner, InputPicture
from app.storage.keys import new_key
from app.storage.port import BlobStore

TRY_AGAIN_SECONDS = 60


async def upload_file(
    database: Database,
    blobs: BlobStore,
    space: Space,
    examiner: Examiner,
    read: Callable[[], bytes],
    *,
    owner: str,
    keep_metadata: bool,
    field: str = "file",
    name: str = "",
    metadata: Mapping[str, Any] = MappingProxyType({}),
) -> Upload:
    """`read` blocks; `field` is what the file is called where it came from.

    Raises InvalidRequest for what is no picture to work on, StorageFull, TemporarilyUnavailable. A blob whose row was
    not committed is nobody's, and goes with the orphans.
    """
    await space.require()
    try:
        picture = await examiner.prepared(read, keep_metadata=keep_metadata)
    except FileRefused as refusal:
        problem = FieldProblem(field, sentence(refusal))
        raise InvalidRequest(f"The file {problem.message}.", problems=(problem,)) from refusal
    try:
        stored = await _store(blobs, picture)
    except StorageUnavailable as trouble:
        if trouble.reason in FULL:
            raise StorageFull("The storage is full.", retry_after=TRY_AGAIN_SECONDS) from trouble
        raise TemporarilyUnavailable("The storage is away for a moment.") from trouble
    async with database.transaction() as tx:
        return await uploads.add(tx, new_upload_id(), owner, stored, name=name, metadata=metadata)


async def _store(blobs: BlobStore, picture: InputPicture) -> StoredFile:
    upload = await blobs.begin(new_key(picture.facts.extension))
    try:
        await upload.write(picture.content)
        stored = await upload.commit()
    finally:
        await upload.abort()
    facts = picture.facts
    return StoredFile(stored.key, facts.content_type, stored.size, stored.sha256, facts.width, facts.height)
