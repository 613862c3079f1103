"""What the first and last bytes of a file say about its size."""

from typing import BinaryIO

from app.storage import boxes
from app.storage.errors import FileDamaged
from app.storage.sniff import AVIF, GIF, GLB, JPEG, M4A, MP4, PNG, QUICKTIME, WAV, WEBP, FileType

LAST_BYTES = {PNG: b"\0\0\0\0IEND\xaeB`\x82", JPEG: b"\xff\xd9"}


def check_end(file: BinaryIO, kind: FileType, size: int) -> None:
    """Check that a file of so many bytes ends where its own structure says.

    Raises FileDamaged: `structure` if it does not, `unprovable` if its kind never says.
    """
    if kind in LAST_BYTES:
        whole = _ends_with(file, size, LAST_BYTES[kind])
    elif kind == GIF:
        whole = _gif_end(file) == size
    elif kind in (WEBP, WAV):
        whole = _number(file, 4) + 8 in (size, size - 1)  # a last chunk of odd length is padded
    elif kind == GLB:
        whole = _number(file, 8) == size
    elif kind in (AVIF, MP4, QUICKTIME, M4A):
        whole = boxes.fills_file(file, size)
    else:
        raise FileDamaged("unprovable")
    if not whole:
        raise FileDamaged("structure")


def webp_size(head: bytes) -> boxes.Size | None:
    """Read the canvas from a WebP's first 30 bytes. Source: RFC 9649, 2.5–2.7."""
    if len(head) < 30:
        return None
    form = head[12:16]
    if form == b"VP8X":
        return _little(head[24:27]) + 1, _little(head[27:30]) + 1
    if form == b"VP8L":
        bits = _little(head[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8 ":
        return _little(head[26:28]) & 0x3FFF, _little(head[28:30]) & 0x3FFF
    return None


def _gif_end(file: BinaryIO) -> int | None:
    """Walk a GIF's blocks and return where its trailer ends. Source: GIF89a, appendix A."""
    file.seek(10)
    _skip(file, 2 + _palette(file))
    while True:
        match file.read(1):
            case b";":
                return file.tell()
            case b"!":
                _skip(file, 1)
            case b",":
                _skip(file, 8)
                _skip(file, _palette(file) + 1)
            case _:
                return None
        while length := _little(file.read(1)):
            _skip(file, length)


def _palette(file: BinaryIO) -> int:
    """Read the flags of a screen or an image; return how many bytes of colours follow."""
    flags = _little(file.read(1))
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _skip(file: BinaryIO, length: int) -> None:
    file.seek(length, 1)


def _ends_with(file: BinaryIO, size: int, last: bytes) -> bool:
    file.seek(max(0, size - len(last)))
    return file.read() == last


def _number(file: BinaryIO, at: int) -> int:
    file.seek(at)
    return _little(file.read(4))


def _little(octets: bytes) -> int:
    return int.from_bytes(octets, "little")
