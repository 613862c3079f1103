"""Pictures that are to be worked on: looked at whole, and made fit to be kept and sent on.

JPEG, PNG and WebP stay what they are. A still GIF or AVIF becomes a PNG, since few models read those. What moves is
refused, since nobody could say which of its pictures is meant; so is CMYK, whose colours depend on a printer's profile.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image, ImageOps

from app.storage.errors import FileDamaged, FileRefused, UnsuitablePicture
from app.storage.images import DECODERS, FileFacts, facts
from app.storage.metadata import stripped
from app.storage.sniff import AVIF, GIF, HEAD_BYTES, JPEG, PNG, WEBP, FileType, sniff

LARGEST_INPUT = 10 * 2**20
MOST_INPUT_PIXELS = 40_000_000
"""More than any model takes; decoded it is 160 MB, and there is one at a time."""
TAKEN, REWRITTEN = (JPEG, PNG, WEBP), (GIF, AVIF)
ORIENTATION = 0x0112
LYING = range(5, 9)
"""Orientations that exchange width and height."""


@dataclass(frozen=True, slots=True)
class InputPicture:
    """Whole and fit. Width and height are as shown."""

    content: bytes = field(repr=False)
    facts: FileFacts


class Examiner:
    """Looks at one picture at a time, since each may need the memory of its pixels. One for a process."""

    def __init__(self, *, max_pixels: int = MOST_INPUT_PIXELS) -> None:
        self._max_pixels = max_pixels
        self._turn = asyncio.Semaphore(1)

    async def prepared(self, read: Callable[[], bytes], *, keep_metadata: bool = True) -> InputPicture:
        """`read` is called in a thread. Raises FileRefused's family, and what `read` raises."""
        async with self._turn:
            return await asyncio.to_thread(lambda: prepared(read(), keep_metadata, self._max_pixels))


def prepared(content: bytes, keep_metadata: bool, max_pixels: int = MOST_INPUT_PIXELS) -> InputPicture:
    """Blocks. Raises ActiveContent, UnsuitablePicture, PictureTooLarge or FileDamaged."""
    kind = sniff(content[:HEAD_BYTES])
    if kind not in TAKEN + REWRITTEN:
        raise UnsuitablePicture("no_picture")
    if facts(content, max_pixels=max_pixels).width is None:
        raise FileDamaged("header")
    try:
        return _rewritten(content, kind) if kind in REWRITTEN else _kept(content, kind, keep_metadata)
    except FileRefused:
        raise
    except Exception as error:  # Pillow's decoders raise a dozen kinds for hostile content
        raise FileDamaged("pixels") from error


def _kept(content: bytes, kind: FileType, keep_metadata: bool) -> InputPicture:
    """Decoded as it is going to be kept."""
    with _opened(content, kind) as picture:
        size, orientation = picture.size, _orientation(picture)
    bare = stripped(content, kind, orientation)
    kept = content if keep_metadata else bare
    with _opened(kept, kind) as picture:
        if picture.mode == "CMYK":
            raise UnsuitablePicture("cmyk")
        picture.load()
    shown = size[::-1] if orientation in LYING else size
    return InputPicture(kept, FileFacts(kind.content_type, kind.extension, *shown))


def _rewritten(content: bytes, kind: FileType) -> InputPicture:
    with _opened(content, kind) as picture:
        if getattr(picture, "is_animated", False):
            raise UnsuitablePicture("moves")
        picture.load()
        upright, png = ImageOps.exif_transpose(picture), BytesIO()
        bare = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
        bare.info = {}
        bare.save(png, "PNG", icc_profile=picture.info.get("icc_profile"))
    return InputPicture(png.getvalue(), FileFacts(PNG.content_type, PNG.extension, *bare.size))


def _opened(content: bytes, kind: FileType) -> Image.Image:
    return Image.open(BytesIO(content), formats=[DECODERS[kind]])


def _orientation(picture: Image.Image) -> int:
    """1 where it is not told, or by metadata that nobody can read."""
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except Exception:
        return 1
