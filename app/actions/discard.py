"""Remove what an attempt stored and no row will name; what stays behind is found by the sweep for orphans."""

from collections.abc import Sequence
from contextlib import suppress

from app.domain.prediction import File
from app.storage.errors import StorageUnavailable
from app.storage.port import BlobStore


async def discard(blobs: BlobStore, files: Sequence[File], *, kept: Sequence[File]) -> None:
    """The blobs of `files`, but for those that `kept` name."""
    named = {file.stored.key for file in kept if file.stored}
    gone = [file.stored for file in files if file.stored and file.stored.key not in named]
    for key in (key for stored in gone for key in stored.keys):
        with suppress(StorageUnavailable):
            await blobs.delete(key)
