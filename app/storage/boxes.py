"""ISO base media files (mp4, mov, avif): boxes within boxes, of which we read a few.

A box is its size in four bytes, its kind in four, then its content. Source: ISO/IEC 14496-12, 4.2.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_BOXES = 256  # on one level; real files have a dozen, a hostile one shall not keep us
MAX_FRAGMENTS = 100_000  # on the top level, where a long fragmented video repeats itself

Size = tuple[int, int]


class Malformed(Exception):
    """A box reaches beyond what holds it, or there are too many."""


@dataclass(frozen=True)
class Box:
    """A kind, and where its content starts and ends in the file."""

    kind: bytes
    start: int
    end: int


def boxes(file: BinaryIO, start: int, end: int, most: int = MAX_BOXES) -> Iterator[Box]:
    """Walk one level. Raises Malformed when the boxes do not fill it exactly."""
    for _ in range(most):
        if start == end:
            return
        file.seek(start)
        head = file.read(16)
        size, kind, header = int.from_bytes(head[:4], "big"), head[4:8], 8
        if size == 1:
            size, header = int.from_bytes(head[8:16], "big"), 16
        if size < header or start + size > end:
            raise Malformed
        yield Box(kind, start + header, start + size)
        start += size
    raise Malformed


def picture_size(file: BinaryIO, end: int) -> Size | None:
    """Width and height of an AVIF: the largest of its `ispe` properties, since tiles have their own."""
    return max(_picture_sizes(file, end), default=None, key=lambda size: size[0] * size[1])


def video_size(file: BinaryIO, end: int) -> Size | None:
    """Width and height of the first track that has any."""
    for track in _inside(file, Box(b"", 0, end), b"moov", b"trak", b"tkhd"):
        file.seek(max(track.start, track.end - 8))
        width, height = (int.from_bytes(file.read(4), "big") >> 16 for _ in range(2))
        if width and height:
            return width, height
    return None


def fills_file(file: BinaryIO, end: int) -> bool:
    """Whether the boxes end exactly where the file does, and none that belongs to it is missing.

    Fragments may be lost without a trace, unless the index that comes after the last one is there.
    """
    try:
        kinds = [box.kind for box in boxes(file, 0, end, MAX_FRAGMENTS)]
    except Malformed:
        return False
    complete = b"moof" not in kinds or kinds[-1] == b"mfra"
    return complete and b"mdat" in kinds and (b"moov" in kinds or b"meta" in kinds)


def _picture_sizes(file: BinaryIO, end: int) -> Iterator[Size]:
    for meta in _inside(file, Box(b"", 0, end), b"meta"):
        content = Box(meta.kind, meta.start + 4, meta.end)  # version and flags come first
        for extents in _inside(file, content, b"iprp", b"ipco", b"ispe"):
            file.seek(extents.start + 4)
            yield int.from_bytes(file.read(4), "big"), int.from_bytes(file.read(4), "big")


def _inside(file: BinaryIO, box: Box, kind: bytes, *deeper: bytes) -> Iterator[Box]:
    """Find boxes by the path of their kinds. What follows a malformed box is not seen."""
    try:
        for child in boxes(file, box.start, box.end):
            if child.kind == kind:
                yield from _inside(file, child, *deeper) if deeper else (child,)
    except Malformed:
        return
