"""Pictures without what they tell of their maker: place, camera, software, comments, thumbnails, trailing bytes.

The coded pixels stay as they are, to the byte, and so do colour profiles. Of EXIF only an orientation is kept that
is not the usual one. Sources: ITU T.81, annex B; PNG, third edition, section 11; RFC 9649, section 2.7.
"""

import re
import zlib
from collections.abc import Iterator

from app.storage.errors import FileDamaged, UnsuitablePicture
from app.storage.sniff import JPEG, PNG, FileType

MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])", re.DOTALL)
"""Not an escaped byte, a restart or a filler."""
SCAN, END, APP0, APP2, APP14 = 0xDA, 0xD9, 0xE0, 0xE2, 0xEE
CODING = range(0xC0, 0xE0)
"""Frames, scans and tables; what follows them is for applications and people."""
ALONE = (0x01, 0xD8)

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_CHUNKS = frozenset(b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT".split())
WEBP_CHUNKS = frozenset([b"VP8X", b"ICCP", b"ALPH", b"VP8 ", b"VP8L"])
WEBP_EXIF, WEBP_XMP, WEBP_MOVES = 0x08, 0x04, 0x02


def stripped(content: bytes, kind: FileType, orientation: int = 1) -> bytes:
    """A JPEG, PNG or WebP again, without its metadata.

    Raises FileDamaged if its structure does not reach its end, and UnsuitablePicture if it moves.
    """
    exif = _exif(orientation) if 2 <= orientation <= 8 else b""
    if kind == JPEG:
        return b"".join(_jpeg(content, exif))
    return b"".join(_png(content, exif)) if kind == PNG else _webp(content, exif)


def _jpeg(content: bytes, exif: bytes) -> Iterator[bytes]:
    """Segment by segment; what stands between two of them belongs to nobody, except after a scan's header."""
    yield content[:2]
    at, in_scan, owed = 2, False, exif
    while True:
        found = MARKER.search(content, at)
        if found is None:
            raise FileDamaged("structure")
        if in_scan:
            yield content[at : found.start()]
        kind, at, in_scan = found[1][0], found.end(), False
        if kind == END:
            yield found[0]
            return
        if kind in ALONE:
            continue
        end = at + int.from_bytes(content[at : at + 2], "big")
        if not at + 2 <= end <= len(content):
            raise FileDamaged("structure")
        if owed and kind != APP0:
            yield _segment(0xE1, b"Exif\0\0" + owed)
            owed = b""
        yield from _kept_of_jpeg(kind, content[at + 2 : end])
        at, in_scan = end, kind == SCAN


def _kept_of_jpeg(kind: int, body: bytes) -> Iterator[bytes]:
    """JFIF without its thumbnail, the colour profile, Adobe's word on the colours, and all that is no metadata."""
    if kind == APP0 and body.startswith(b"JFIF\0"):
        yield _segment(kind, body[:12] + b"\0\0")
    elif (
        (kind == APP2 and body.startswith(b"ICC_PROFILE\0"))
        or (kind == APP14 and body.startswith(b"Adobe"))
        or kind in CODING
    ):
        yield _segment(kind, body)


def _segment(kind: int, body: bytes) -> bytes:
    return bytes([0xFF, kind]) + (len(body) + 2).to_bytes(2, "big") + body


def _png(content: bytes, exif: bytes) -> Iterator[bytes]:
    yield PNG_SIGNATURE
    at, owed = len(PNG_SIGNATURE), exif
    while True:
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        end = at + 12 + size
        if end > len(content):
            raise FileDamaged("structure")
        if kind == b"acTL" and int.from_bytes(content[at + 8 : at + 12], "big") > 1:
            raise UnsuitablePicture("moves")
        if kind == b"IDAT" and owed:
            yield _png_chunk(b"eXIf", owed)
            owed = b""
        if kind in PNG_CHUNKS:
            yield content[at:end]
        if kind == b"IEND":
            return
        at = end


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def _webp(content: bytes, exif: bytes) -> bytes:
    """The simple forms hold one chunk and no metadata; of the extended one the flags must tell the truth."""
    chunks = dict(_webp_chunks(content))
    header = chunks.get(b"VP8X")
    if header:
        if header[0] & WEBP_MOVES:
            raise UnsuitablePicture("moves")
        flags = header[0] & ~(WEBP_EXIF | WEBP_XMP) | (WEBP_EXIF if exif else 0)
        chunks[b"VP8X"] = bytes([flags]) + header[1:]
        if exif:
            chunks[b"EXIF"] = exif
    body = b"WEBP" + b"".join(_webp_chunk(kind, inner) for kind, inner in chunks.items())
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _webp_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The first of each kind that we keep, in their order."""
    end, at, seen = 8 + int.from_bytes(content[4:8], "little"), 12, set[bytes]()
    if end > len(content) + 1:
        raise FileDamaged("structure")
    while at < min(end, len(content)):
        kind, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        if at + 8 + size > len(content):
            raise FileDamaged("structure")
        if kind in WEBP_CHUNKS and kind not in seen:
            seen.add(kind)
            yield kind, content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _webp_chunk(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)


def _exif(orientation: int) -> bytes:
    """A TIFF header and one directory of one entry: tag 0x0112, a short."""
    entry = b"\x01\x12\x00\x03\x00\x00\x00\x01" + orientation.to_bytes(2, "big") + b"\0\0"
    return b"MM\0*\0\0\0\x08" + b"\0\x01" + entry + b"\0\0\0\0"
