"""A short clip that players play: H.264 in MP4, written by hand.

Every key frame is sent uncompressed (I_PCM macroblocks), every other one says "as before" for all macroblocks
(P_Skip). That needs no encoder, no tables and no arithmetic coding, only bits in the order of ITU-T H.264 and
boxes in the order of ISO/IEC 14496-12.
"""

import random
import struct
from dataclasses import dataclass
from typing import Any

from PIL import Image

from scripts.emulator.scenes import scenery

SIZES = {"16:9": (256, 144), "9:16": (144, 256), "1:1": (192, 192), "4:3": (192, 144)}
KEYS_PER_SECOND = 2
MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


class Bits:
    """Bits, most significant first, and the Exp-Golomb numbers that H.264 is made of."""

    def __init__(self) -> None:
        self._text: list[str] = []

    def u(self, width: int, value: int) -> "Bits":
        self._text.append(f"{value:0{width}b}")
        return self

    def ue(self, *values: int) -> "Bits":
        for value in values:
            digits = f"{value + 1:b}"
            self._text.append("0" * (len(digits) - 1) + digits)
        return self

    def aligned(self, fill: str = "0") -> bytes:
        text = "".join(self._text)
        text += fill * (-len(text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, "big")

    def ended(self) -> bytes:
        return self.u(1, 1).aligned()


@dataclass(frozen=True)
class Clip:
    width: int
    height: int
    rate: int
    frames: list[bytes]

    @property
    def gap(self) -> int:
        return self.rate // KEYS_PER_SECOND

    def is_key(self, at: int) -> bool:
        return at % self.gap == 0


def mp4(seed: str, given: dict[str, Any]) -> bytes:
    clip = _shot(seed, given)
    start = len(_head(clip, 0))
    return _head(clip, start + 8) + _box(b"mdat", b"".join(clip.frames))


def _shot(seed: str, given: dict[str, Any]) -> Clip:
    width, height = SIZES[given.get("aspect_ratio", "16:9")]
    rate, seconds = int(given.get("fps", 24)), int(given.get("duration_seconds", 5))
    scenes = _scenes(seed, (width, height), seconds * KEYS_PER_SECOND)
    blocks = (width // 16) * (height // 16)
    frames = []
    for at in range(rate * seconds):
        since = at % (rate // KEYS_PER_SECOND)
        frames.append(_key(scenes[at * KEYS_PER_SECOND // rate]) if since == 0 else _pause(since, blocks))
    return Clip(width, height, rate, frames)


def _scenes(seed: str, size: tuple[int, int], count: int) -> list[Image.Image]:
    """A slow pan over one large picture."""
    width, height = size
    wide = scenery(seed, (width * 2, height * 2))
    start, end = random.Random(seed).sample([(0, 0), (width, 0), (0, height), (width, height)], 2)
    corners = [
        tuple(round(a + (b - a) * at / max(count - 1, 1)) for a, b in zip(start, end, strict=True))
        for at in range(count)
    ]
    return [wide.crop((x, y, x + width, y + height)).convert("YCbCr") for x, y in corners]


def _key(scene: Image.Image) -> bytes:
    """An IDR slice: first block, type I, parameter set, frame, idr, no marks, qp, no deblocking."""
    bits = Bits().ue(0, 7, 0).u(4, 0).ue(0).u(2, 0).ue(0).ue(1)
    luma, blue, red = (_limited(plane) for plane in scene.split())
    half = (scene.width // 2, scene.height // 2)
    planes = ((luma, 16), (blue.resize(half), 8), (red.resize(half), 8))
    slice_ = [bits.ue(25).aligned(), _block(planes, 0, 0)]
    for row in range(scene.height // 16):
        for column in range(scene.width // 16):
            if row or column:
                slice_ += [Bits().ue(25).aligned(), _block(planes, column, row)]
    return _sample(0x65, b"".join(slice_) + b"\x80")


def _block(planes: tuple[tuple[Image.Image, int], ...], column: int, row: int) -> bytes:
    return b"".join(
        plane.crop((column * side, row * side, (column + 1) * side, (row + 1) * side)).tobytes()
        for plane, side in planes
    )


def _limited(plane: Image.Image) -> Image.Image:
    """16 to 235, as video has it; without zeros there is no start code to be escaped."""
    return plane.point([16 + value * 219 // 255 for value in range(256)])


def _pause(number: int, blocks: int) -> bytes:
    """A P slice: first block, type P, parameter set, frame, no marks, qp, filter off, skip all."""
    bits = Bits().ue(0, 5, 0).u(4, number % 16).u(1, 0).u(1, 0).u(1, 0).ue(0).ue(1).ue(blocks)
    return _sample(0x41, bits.ended())


def _sample(kind: int, payload: bytes) -> bytes:
    return struct.pack(">IB", len(payload) + 1, kind) + payload


def _sequence(clip: Clip) -> bytes:
    """Baseline 66, level 3.1; frame numbers of 4 bits, display order is decoding order, one reference."""
    bits = Bits().u(8, 66).u(8, 0xC0).u(8, 31).ue(0, 0, 2, 1).u(1, 0)
    bits.ue(clip.width // 16 - 1, clip.height // 16 - 1).u(1, 1).u(1, 1).u(1, 0).u(1, 0)
    return b"\x67" + bits.ended()


def _parameters() -> bytes:
    """CAVLC, one slice group, deblocking said per slice."""
    bits = Bits().ue(0, 0).u(1, 0).u(1, 0).ue(0, 0, 0).u(1, 0).u(2, 0).ue(0, 0, 0).u(1, 1).u(1, 0).u(1, 0)
    return b"\x68" + bits.ended()


def _box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, name) + body


def _full(name: bytes, flags: int, *parts: bytes) -> bytes:
    return _box(name, struct.pack(">I", flags), *parts)


def _head(clip: Clip, offset: int) -> bytes:
    brands = _box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2avc1mp41")
    length = len(clip.frames)
    film = struct.pack(">4I", 0, 0, clip.rate, length) + struct.pack(">IH10x", 0x10000, 0x100)
    header = _full(b"mvhd", 0, film, MATRIX, bytes(24), struct.pack(">I", 2))
    return brands + _box(b"moov", header, _track(clip, offset))


def _track(clip: Clip, offset: int) -> bytes:
    length = len(clip.frames)
    place = struct.pack(">5I8x4H", 0, 0, 1, 0, length, 0, 0, 0, 0)
    size = struct.pack(">2I", clip.width << 16, clip.height << 16)
    media = struct.pack(">4I2H", 0, 0, clip.rate, length, 0x55C4, 0)
    handler = struct.pack(">I4s12x", 0, b"vide") + b"Video\0"
    return _box(
        b"trak",
        _full(b"tkhd", 3, place, MATRIX, size),
        _box(
            b"mdia",
            _full(b"mdhd", 0, media),
            _full(b"hdlr", 0, handler),
            _box(b"minf", _full(b"vmhd", 1, bytes(8)), _reference(), _table(clip, offset)),
        ),
    )


def _reference() -> bytes:
    return _box(b"dinf", _full(b"dref", 0, struct.pack(">I", 1), _full(b"url ", 1)))


def _table(clip: Clip, offset: int) -> bytes:
    count = len(clip.frames)
    keys = [at + 1 for at in range(count) if clip.is_key(at)]
    sizes = [len(frame) for frame in clip.frames]
    return _box(
        b"stbl",
        _full(b"stsd", 0, struct.pack(">I", 1), _picture_entry(clip)),
        _full(b"stts", 0, struct.pack(">3I", 1, count, 1)),
        _full(b"stss", 0, struct.pack(f">I{len(keys)}I", len(keys), *keys)),
        _full(b"stsc", 0, struct.pack(">4I", 1, 1, count, 1)),
        _full(b"stsz", 0, struct.pack(f">2I{count}I", 0, count, *sizes)),
        _full(b"stco", 0, struct.pack(">2I", 1, offset)),
    )


def _picture_entry(clip: Clip) -> bytes:
    sequence, parameters = _sequence(clip), _parameters()
    look = struct.pack(">6xH16x2H2II", 1, clip.width, clip.height, 0x480000, 0x480000, 0)
    sets = struct.pack(">BH", 0xE1, len(sequence)) + sequence + struct.pack(">BH", 1, len(parameters)) + parameters
    config = bytes((1, 66, 0xC0, 31, 0xFF)) + sets
    return _box(b"avc1", look, struct.pack(">H32xHh", 1, 24, -1), _box(b"avcC", config))
