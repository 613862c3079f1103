"""What can go wrong with stored files.

StorageError
├── StorageUnavailable   the store cannot take or give bytes now: try again
├── BlobMissing          nothing lies under a key
├── InvalidKey           not a name that we ever gave
└── FileRefused          the content is at fault
    ├── ActiveContent        a browser could run it
    ├── PictureTooLarge      more pixels than allowed
    ├── FileDamaged          cut, garbled or empty, or not to be proven otherwise
    └── UnsuitablePicture    a file that is well, and nothing that a model could work on
"""

import errno
from typing import ClassVar, Literal

Damage = Literal["empty", "header", "structure", "pixels", "unprovable"]
Unfitness = Literal["no_picture", "moves", "cmyk", "no_alpha", "no_hole"]


class StorageError(Exception):
    """Anything this room refuses or fails to do."""

    code: ClassVar[str] = "storage_failed"


class StorageUnavailable(StorageError):
    """The disk or the bucket is full, read-only, gone or broken. Nothing was kept; the same may work later.

    `reason` is a short word, for a disk the name of the errno, such as `ENOSPC`.
    """

    code = "storage_unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @classmethod
    def because(cls, error: OSError) -> "StorageUnavailable":
        return cls(errno.errorcode.get(error.errno or 0, type(error).__name__))


class BlobMissing(StorageError):
    """A blob was to be read that is not there: never stored, or deleted."""

    code = "blob_missing"

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class InvalidKey(StorageError):
    """A key came in that `new_key` cannot have made. Nothing was touched."""

    code = "invalid_key"

    def __init__(self, key: str) -> None:
        super().__init__(f"not a blob's key: {key[:80]!r}")


class FileRefused(StorageError):
    """A file was looked at and is not one that we keep."""

    code = "file_refused"


class ActiveContent(FileRefused):
    """The file is HTML, SVG or other markup, whatever its name says: a browser could run scripts in it."""

    code = "active_content"


class PictureTooLarge(FileRefused):
    """The header announces more pixels than the limit. Nothing was decoded."""

    code = "too_many_pixels"

    def __init__(self, width: int, height: int) -> None:
        super().__init__(f"{width}×{height} pixels")
        self.width = width
        self.height = height


class FileDamaged(FileRefused):
    """The file contradicts its own structure, or was to be proven whole and its kind offers no proof."""

    code = "file_damaged"

    def __init__(self, reason: Damage) -> None:
        super().__init__(reason)
        self.reason = reason


class UnsuitablePicture(FileRefused):
    """As an input: no picture at all, one that moves, or one in colours for printing; as a mask, one without alpha or
    with nothing transparent."""

    code = "unsuitable_picture"

    def __init__(self, reason: Unfitness) -> None:
        super().__init__(reason)
        self.reason = reason
