"""A picture made small: a WebP and a ThumbHash, from any picture that we store."""

import base64
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageCms
from PIL.Image import Transpose

from app.storage.images import DECODERS
from app.storage.thumbhash import thumbhash

LONGEST = 512
QUALITY = 80
EFFORT = 2  # of six: a third of the time of the usual four, and a few percent more bytes
COARSE = 2 * LONGEST  # down to here by whole factors, which is fast; the rest with a filter that is made for it
STRIP_ROWS = 16
HASHED = 32  # more pixels do not show in 25 bytes, and the hash is plain Python

DECODER_OF = {kind.content_type: name for kind, name in DECODERS.items()}
SRGB = ImageCms.createProfile("sRGB")
ORIENTATION = 0x0112
UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""By the Exif orientation. Source: Exif 2.32, 4.6.4."""


@dataclass(frozen=True, slots=True)
class Small:
    """A WebP of LONGEST pixels at most, and a ThumbHash in base64."""

    webp: bytes
    hash: str


def shrink(path: Path, content_type: str) -> Small:
    """Of an animation the first frame. Blocks: call it in a thread. Raises whatever Pillow does for a bad picture."""
    with path.open("rb") as file, Image.open(file, formats=[DECODER_OF[content_type]]) as picture:
        small = upright(picture)
    webp = BytesIO()
    small.save(webp, "WEBP", quality=QUALITY, method=EFFORT, icc_profile=b"")
    return Small(webp.getvalue(), hash_of(small))


def upright(picture: Image.Image) -> Image.Image:
    """Small, in sRGB, RGB or RGBA, and turned as its Exif says."""
    turn = UPRIGHT.get(picture.getexif().get(ORIENTATION, 1))
    width, height = picture.size
    picture.draft(None, (COARSE, COARSE))
    small = _resized(_coarse(picture), fitting(width, height))
    small = _in_srgb(small, picture.info.get("icc_profile"))
    return small if turn is None else small.transpose(turn)


def fitting(width: int, height: int) -> tuple[int, int]:
    """Never larger than it was, and never nothing."""
    scale = min(1.0, LONGEST / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def hash_of(small: Image.Image) -> str:
    tiny = small.convert("RGBA")
    tiny.thumbnail((HASHED, HASHED))
    return base64.b64encode(thumbhash(*tiny.size, tiny.tobytes())).decode("ascii")


def _coarse(picture: Image.Image) -> Image.Image:
    """Strip by strip, so that nothing of the full size is ever there twice."""
    picture.load()
    factor = max(1, max(picture.size) // COARSE)
    mode, (width, height) = _mode(picture), picture.size
    coarse = Image.new(mode, (-(-width // factor), -(-height // factor)))
    for top in range(0, height, STRIP_ROWS * factor):
        strip = picture.crop((0, top, width, min(height, top + STRIP_ROWS * factor)))
        coarse.paste(_converted(strip, mode).reduce(factor), (0, top // factor))
    return coarse


def _mode(picture: Image.Image) -> str:
    if picture.has_transparency_data:
        return "RGBA"
    if picture.mode in ("L", "CMYK"):
        return picture.mode
    return "L" if picture.mode.startswith(("1", "I", "F")) else "RGB"


def _converted(strip: Image.Image, mode: str) -> Image.Image:
    """Sixteen bits of grey become eight; Pillow's own conversion would cut them off at 255."""
    if strip.mode.startswith("I"):
        return strip.convert("I").point(lambda value: value / 257).convert(mode)
    return strip if strip.mode == mode else strip.convert(mode)


def _resized(coarse: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Of what is just twice as large, as most models make them, the mean of four pixels: six times as fast."""
    if coarse.size == (2 * size[0], 2 * size[1]):
        return coarse.reduce(2)
    return coarse if coarse.size == size else coarse.resize(size, Image.Resampling.HAMMING)


def _in_srgb(small: Image.Image, profile: bytes | None) -> Image.Image:
    """By its own profile; one that makes no sense counts as none."""
    mode = "RGBA" if small.mode == "RGBA" else "RGB"
    if profile:
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            managed = ImageCms.profileToProfile(
                small, ImageCms.ImageCmsProfile(BytesIO(profile)), SRGB, outputMode=mode
            )
            return managed or small.convert(mode)
    return small.convert(mode)
