"""What the house expects of a store. Stores satisfy these protocols without inheriting."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

PROBE = bytes(range(256)) * 16
"""What `probe` writes and wants to read again."""

Link = Callable[[str], Awaitable[str | None]]
"""From a key to an address elsewhere, as `BlobStore.link`, for a time that is settled. Raises StorageUnavailable."""


@dataclass(frozen=True)
class Stored:
    """A durable blob: size in bytes, SHA-256 in hex, both of what was written."""

    key: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Room:
    """A healthy store's answer. `free_bytes` is None where there is no such bound."""

    free_bytes: int | None


class Upload(Protocol):
    """One blob on its way. It can be read under its key after `commit`, and not a moment before.

    Every method raises StorageUnavailable; then the upload is over, and the sweeps find whatever it left.
    """

    @property
    def path(self) -> Path | None:
        """Where the bytes lie so far, if on a disk of ours. Not before the first write."""

    async def write(self, chunk: bytes, /) -> None: ...

    async def commit(self) -> Stored:
        """Make the blob durable, then visible."""

    async def abort(self) -> None:
        """Forget what was written. Harmless when called again, and after `commit`."""


class BlobStore(Protocol):
    """Blobs under keys made by `new_key`. Methods raise InvalidKey for others, and StorageUnavailable."""

    async def prepare(self) -> None:
        """Make the store ready, once at start."""

    async def begin(self, key: str) -> Upload: ...

    def local_path(self, key: str) -> Path | None:
        """Where the blob lies, if on a disk of ours; it may be missing."""

    async def link(self, key: str, seconds: int) -> str | None:
        """Where anybody may fetch it for so long at least, or None where the store gives no such address."""

    def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Stream a blob, or its bytes from `start` up to `end`, in pieces of 1 MiB at most.

        Raises BlobMissing at the first.
        """

    async def size(self, key: str) -> int | None:
        """In bytes; None if there is no such blob."""

    async def delete(self, key: str) -> None:
        """Remove a blob; a missing one is as good as removed."""

    def keys(self, older_than: float) -> AsyncIterator[str]:
        """Name the blobs written more than so many seconds ago."""

    async def sweep_temporaries(self, older_than: float) -> int:
        """Remove what broken uploads left, if untouched for so many seconds. Return how many they were."""

    async def probe(self) -> Room:
        """Write, read and remove something small."""
