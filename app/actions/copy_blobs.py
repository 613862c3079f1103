"""Copy: every recorded file from one store into another, proven by its recorded hash before it appears there."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace

from app.actions.compare_blobs import Compared, Found, compare, each_file
from app.db.engine import Database
from app.domain.prediction import StoredFile
from app.storage.port import BlobStore


async def copy_blobs(
    database: Database, source: BlobStore, target: BlobStore, *, hashes: bool, dry_run: bool
) -> AsyncIterator[Compared]:
    """What the target has already, as large and with `hashes` the same to the byte, is left alone."""

    async def look(file: StoredFile) -> Compared:
        there = await compare(target, file, hashes=hashes)
        if there is not None and there.found is Found.PRESENT:
            return there
        here = await compare(source, file, hashes=False)
        if here is None:
            return there or Compared(file, Found.MISSING, "in neither store")
        if here.found is not Found.PRESENT:
            return here
        return Compared(file, Found.TO_COPY) if dry_run else await _copied(file, source, target)

    async for each in each_file(database, look):
        yield each


async def _copied(file: StoredFile, source: BlobStore, target: BlobStore) -> Compared:
    upload = await target.begin(file.key)
    try:
        digest = hashlib.sha256()
        async for piece in source.read(file.key):
            digest.update(piece)
            await upload.write(piece)
        if digest.hexdigest() != file.sha256:
            return Compared(file, Found.DAMAGED, "other bytes than recorded")
        await upload.commit()
    finally:
        await upload.abort()
    there = await compare(target, file, hashes=False)
    if there is None:
        return Compared(file, Found.MISSING, "gone right after its copy")
    return replace(there, found=Found.COPIED) if there.found is Found.PRESENT else there
