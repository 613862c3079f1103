"""Facts about a file, taken from its content."""

import os
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from app.storage import boxes, structure
from app.storage.errors import FileDamaged, FileRefused, PictureTooLarge, StorageUnavailable
from app.storage.sniff import AVIF, GIF, HEAD_BYTES, JPEG, MP4, PNG, QUICKTIME, WEBP, FileType, sniff

# Pillow's limit is one for the whole process and warns first; ours is an argument, checked before decoding.
Image.MAX_IMAGE_PIXELS = None

DECODERS = {PNG: "PNG", JPEG: "JPEG", GIF: "GIF", WEBP: "WEBP", AVIF: "AVIF"}
LAZY = (PNG, JPEG, GIF)  # Pillow reads the others whole before it tells their size


@dataclass(frozen=True)
class FileFacts:
    """What a file is, and its pixels as coded, or None for sounds and where they are not cheaply known."""

    content_type: str
    extension: str
    width: int | None
    height: int | None


def facts(source: Path | bytes, *, max_pixels: int) -> FileFacts:
    """Look at a whole file, or at the head of one, without decoding it. Blocks: call it in a thread.

    Of a head alone the pixels may stay unknown; a whole picture must tell them.

    Raises ActiveContent, PictureTooLarge, FileDamaged, and StorageUnavailable if the file cannot be read.
    """
    try:
        with BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
            kind = sniff(file.read(HEAD_BYTES))
            size = _size(file, kind)
    except OSError as error:
        raise StorageUnavailable.because(error) from error
    if size is None and kind in DECODERS and isinstance(source, Path):
        raise FileDamaged("header")
    if size is None:
        return FileFacts(kind.content_type, kind.extension, None, None)
    if kind in DECODERS:
        _check_pixels(size, max_pixels)
    return FileFacts(kind.content_type, kind.extension, *size)


def check_whole(path: Path, *, max_pixels: int) -> None:
    """Prove that a file of unproven length is complete: by its structure, and a picture by decoding it too.

    Needs the memory of the decoded picture, and blocks: call it in a thread.

    Raises FileDamaged, also for kinds that offer no proof, and whatever `facts` raises.
    """
    facts(path, max_pixels=max_pixels)
    try:
        with path.open("rb") as file:
            kind = sniff(file.read(HEAD_BYTES))
            structure.check_end(file, kind, path.stat().st_size)
            if kind in DECODERS:
                _decode(file, kind, max_pixels)
    except OSError as error:
        raise StorageUnavailable.because(error) from error


def check_not_cut(path: Path, *, max_pixels: int) -> None:
    """Doubt a file whose length was announced, since a length may be wrong: where its structure asks for more than
    there is, only a picture that decodes whole all the same is believed (some carry more after their end).

    Blocks: call it in a thread. Raises FileDamaged, PictureTooLarge, StorageUnavailable.
    """
    try:
        with path.open("rb") as file:
            kind = sniff(file.read(HEAD_BYTES))
            try:
                structure.check_end(file, kind, path.stat().st_size)
            except FileDamaged as damaged:
                if damaged.reason == "unprovable":
                    return
                if kind not in DECODERS:
                    raise
                _decode(file, kind, max_pixels)
    except OSError as error:
        raise StorageUnavailable.because(error) from error


def _size(file: BinaryIO, kind: FileType) -> boxes.Size | None:
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    size: boxes.Size | None = None
    if kind in LAZY:
        size = _by_pillow(file, kind)
    elif kind == WEBP:
        size = structure.webp_size(file.read(30))
    elif kind == AVIF:
        size = boxes.picture_size(file, end)
    elif kind in (MP4, QUICKTIME):
        size = boxes.video_size(file, end)
    return size if size and all(size) else None


def _by_pillow(file: BinaryIO, kind: FileType) -> boxes.Size | None:
    try:
        with Image.open(file, formats=[DECODERS[kind]]) as picture:
            return picture.size
    except Exception as error:  # Pillow's decoders raise a dozen kinds for hostile headers
        _not_the_disk(error)
        return None


def _decode(file: BinaryIO, kind: FileType, max_pixels: int) -> None:
    file.seek(0)
    try:
        with Image.open(file, formats=[DECODERS[kind]]) as picture:
            _check_pixels(picture.size, max_pixels)
            picture.load()
    except FileRefused:
        raise
    except Exception as error:
        _not_the_disk(error)
        raise FileDamaged("pixels") from error


def _check_pixels(size: boxes.Size, max_pixels: int) -> None:
    if size[0] * size[1] > max_pixels:
        raise PictureTooLarge(*size)


def _not_the_disk(error: Exception) -> None:
    """Pass on an operating system's own error; Pillow uses bare OSErrors for bad pictures."""
    if isinstance(error, OSError) and error.errno is not None:
        raise error
