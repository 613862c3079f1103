"""The blob store: a file goes in, comes out as it was, and leaves; and there is room for more."""

from app.actions.diagnose.finding import Finding, bad, ok
from app.actions.disk_space import LEAST_FREE_BYTES
from app.storage.errors import BlobMissing, StorageUnavailable
from app.storage.keys import new_key
from app.storage.port import BlobStore

BLOBS, DISK = "blobs", "free disk"
CONTENT = bytes(range(256)) * 256
OWN_DISK = "Make DARKROOM_DATA a folder on a working disk that this user may write to"
BUCKET = "Check the store's name, its region or address, the key, and that the key may write, read and delete"


async def check_blobs(blobs: BlobStore, *, cure: str = OWN_DISK) -> Finding:
    key = new_key("doctor")
    try:
        await blobs.prepare()
        upload = await blobs.begin(key)
        await upload.write(CONTENT)
        await upload.commit()
        read = b"".join([piece async for piece in blobs.read(key)])
        await blobs.delete(key)
        remains = await blobs.size(key)
    except (StorageUnavailable, BlobMissing) as trouble:
        return bad(BLOBS, f"cannot be written, read and removed ({_reason(trouble)})", cure)
    if read != CONTENT or remains is not None:
        return bad(BLOBS, "does not give back what it was given", "Replace the disk, or whatever lies between")
    return ok(BLOBS, "written, read and removed")


async def check_disk(blobs: BlobStore, *, cure: str = OWN_DISK) -> Finding:
    try:
        free = (await blobs.probe()).free_bytes
    except StorageUnavailable as trouble:
        return bad(DISK, f"unknown ({trouble.reason})", cure)
    if free is None:
        return ok(DISK, "without bound")
    said = f"{free / 1e9:,.1f} GB"
    if free < LEAST_FREE_BYTES:
        return bad(DISK, said, "Free some: with less than the reserve (DISK_RESERVE_MB) creates are refused")
    return ok(DISK, said)


def _reason(trouble: StorageUnavailable | BlobMissing) -> str:
    return trouble.reason if isinstance(trouble, StorageUnavailable) else "missing"
