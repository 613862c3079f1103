"""What kind of file this is, by its first bytes. The list is closed: nothing else is served as itself."""

import re
from dataclasses import dataclass

from app.storage.errors import ActiveContent, FileDamaged

HEAD_BYTES = 64 * 1024  # enough to tell any kind below


@dataclass(frozen=True)
class FileType:
    """A content type to serve and the extension that goes with it."""

    content_type: str
    extension: str


PNG = FileType("image/png", "png")
JPEG = FileType("image/jpeg", "jpg")
GIF = FileType("image/gif", "gif")
WEBP = FileType("image/webp", "webp")
AVIF = FileType("image/avif", "avif")
MP4 = FileType("video/mp4", "mp4")
QUICKTIME = FileType("video/quicktime", "mov")
WEBM = FileType("video/webm", "webm")
M4A = FileType("audio/mp4", "m4a")
WAV = FileType("audio/wav", "wav")
MP3 = FileType("audio/mpeg", "mp3")
OGG = FileType("audio/ogg", "ogg")
FLAC = FileType("audio/flac", "flac")
GLB = FileType("model/gltf-binary", "glb")
SAFETENSORS = FileType("application/octet-stream", "safetensors")
UNKNOWN = FileType("application/octet-stream", "bin")

SERVED = (
    PNG,
    JPEG,
    GIF,
    WEBP,
    AVIF,
    MP4,
    QUICKTIME,
    WEBM,
    M4A,
    WAV,
    MP3,
    OGG,
    FLAC,
    GLB,
    SAFETENSORS,
    UNKNOWN,
)

FIRST_BYTES = {
    b"\x89PNG\r\n\x1a\n": PNG,
    b"\xff\xd8\xff": JPEG,
    b"GIF87a": GIF,
    b"GIF89a": GIF,
    b"OggS\0": OGG,
    b"fLaC": FLAC,
    b"ID3": MP3,
    b"glTF": GLB,
}
RIFF_KINDS = {b"WEBP": WEBP, b"WAVE": WAV}
BRANDS = {b"avif": AVIF, b"avis": AVIF, b"qt  ": QUICKTIME, b"M4A ": M4A, b"M4B ": M4A}
VIDEO_BRAND = re.compile(rb"iso[\w]|mp4[12v]|avc1|dash|M4V |MSNV|cmf[\w]|3gp[\w]")

BYTE_ORDER_MARKS = b"\xef\xbb\xbf\xfe\xff"
MARKUP = re.compile(rb"<[a-zA-Z!?/]")


def sniff(head: bytes) -> FileType:
    """Tell a file's kind from its beginning, HEAD_BYTES if there are so many.

    A file that is two things at once is what its first bytes say.

    Raises ActiveContent for markup and FileDamaged if there is no byte at all.
    """
    if not head:
        raise FileDamaged("empty")
    found = _by_first_bytes(head) or _by_container(head) or _by_shape(head)
    if found is None and _is_markup(head):
        raise ActiveContent("markup")
    return found or UNKNOWN


def _by_first_bytes(head: bytes) -> FileType | None:
    return next((kind for magic, kind in FIRST_BYTES.items() if head.startswith(magic)), None)


def _by_container(head: bytes) -> FileType | None:
    """RIFF, ISO base media (a `ftyp` box with its brands) and EBML (its document type)."""
    if head.startswith(b"RIFF"):
        return RIFF_KINDS.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _by_brands(head[8 : min(int.from_bytes(head[:4], "big"), 256)])
    if head.startswith(b"\x1aE\xdf\xa3") and b"\x42\x82\x84webm" in head[:128]:
        return WEBM
    return None


def _by_brands(brands: bytes) -> FileType | None:
    """The major brand comes first, its version second, compatible brands after them."""
    names = [brands[at : at + 4] for at in range(0, len(brands), 4) if at != 4]
    for name in names:
        if name in BRANDS:
            return BRANDS[name]
    return MP4 if any(VIDEO_BRAND.fullmatch(name) for name in names) else None


def _by_shape(head: bytes) -> FileType | None:
    """Kinds without a magic number: an MPEG layer III frame, and a length followed by a JSON header."""
    if len(head) >= 4 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:
        known_rates = head[2] >> 4 not in (0, 15) and head[2] >> 2 & 3 != 3
        return MP3 if known_rates else None
    if head[8:10] == b'{"' and 2 <= int.from_bytes(head[:8], "little") <= 100_000_000:
        return SAFETENSORS
    return None


def _is_markup(head: bytes) -> bool:
    """Whether text, in UTF-8 or UTF-16, begins with a tag."""
    text = head.lstrip(BYTE_ORDER_MARKS).replace(b"\0", b"").lstrip()
    return MARKUP.match(text) is not None
