"""Files to sell: made from model, input and position alone, so that they need not be kept."""

import asyncio
import hashlib
import json
import struct
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from scripts.emulator import films, models, posters, tunes

CACHE_BYTES = 64 * 2**20
PIECE = 256 * 1024
BLOCK = 65_521  # a prime, so that no two pages of a padding look alike


@dataclass(frozen=True)
class Padding:
    """Bytes that need no memory: a seeded block again and again."""

    seed: str
    size: int

    def __len__(self) -> int:
        return self.size

    def pieces(self, start: int, stop: int) -> Iterator[bytes]:
        block = hashlib.shake_256(self.seed.encode()).digest(BLOCK)
        stretch = block * (PIECE // BLOCK + 2)
        while start < stop:
            at, step = start % BLOCK, min(PIECE, stop - start)
            yield stretch[at : at + step]
            start += step


@dataclass(frozen=True)
class Output:
    content_type: str
    suffix: str
    segments: tuple[bytes | Padding, ...]

    @property
    def size(self) -> int:
        return sum(len(segment) for segment in self.segments)

    def pieces(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        stop = self.size if stop is None else stop
        offset = 0
        for segment in self.segments:
            first, last = max(start - offset, 0), min(stop - offset, len(segment))
            if first < last:
                yield from (segment.pieces(first, last) if isinstance(segment, Padding) else [segment[first:last]])
            offset += len(segment)

    def sha256(self) -> str:
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        return digest.hexdigest()


@dataclass(frozen=True, kw_only=True)
class Recipe:
    model: str
    input: str
    position: int
    art: str = "poster"
    exact: int = 0
    salt: str = ""

    @property
    def seed(self) -> str:
        return "\n".join((self.model, self.input, str(self.position), self.salt))


def recipe(model: str, given: dict[str, Any], position: int, *, art: str, exact: int, salt: str = "") -> Recipe:
    text = json.dumps(given, sort_keys=True)
    return Recipe(model=model, input=text, position=position, art=art, exact=exact, salt=salt)


class Outputs:
    """Makes them in threads and remembers the last ones."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="studio")
        self._kept: OrderedDict[Recipe, Output] = OrderedDict()
        self._making: dict[Recipe, asyncio.Future[Output]] = {}

    async def get(self, wanted: Recipe) -> Output:
        if wanted in self._kept:
            self._kept.move_to_end(wanted)
            return self._kept[wanted]
        if wanted not in self._making:
            self._making[wanted] = asyncio.get_running_loop().run_in_executor(self._threads, make, wanted)
        making = self._making[wanted]
        try:
            output = await asyncio.shield(making)
        finally:
            if making.done():
                self._making.pop(wanted, None)
        self._keep(wanted, output)
        return output

    async def sha256(self, output: Output) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._threads, output.sha256)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _keep(self, wanted: Recipe, output: Output) -> None:
        self._kept[wanted] = output
        while len(self._kept) > 1 and sum(map(_weight, self._kept.values())) > CACHE_BYTES:
            self._kept.popitem(last=False)


def make(wanted: Recipe) -> Output:
    kind = models.CATALOGUE[wanted.model].kind
    given = json.loads(wanted.input)
    if kind == "video":
        return _film(wanted, given)
    if kind == "music":
        return _tune(wanted, given)
    return _picture(wanted, given)


def _picture(wanted: Recipe, given: dict[str, Any]) -> Output:
    size = posters.size(given)
    draw = posters.plain if wanted.art == "plain" or wanted.exact else posters.poster
    label = f"{wanted.model}  ·  {wanted.position + 1}"
    png = draw(wanted.seed, size, str(given.get("prompt", "")), label)
    return Output("image/png", "png", padded_png(png, wanted))


def padded_png(png: bytes, wanted: Recipe) -> tuple[bytes | Padding, ...]:
    """A private ancillary chunk before IEND: every decoder skips it."""
    missing = wanted.exact - len(png) - 12
    if missing < 0:
        return (png,)
    body, end = png[:-12], png[-12:]
    filling = Padding(wanted.seed, missing)
    checksum = zlib.crc32(b"paDd")
    for piece in filling.pieces(0, missing):
        checksum = zlib.crc32(piece, checksum)
    return body + struct.pack(">I", missing) + b"paDd", filling, struct.pack(">I", checksum) + end


def _tune(wanted: Recipe, given: dict[str, Any]) -> Output:
    if given.get("audio_format") == "mp3":
        return Output("audio/mpeg", "mp3", (tunes.mp3(wanted.seed),))
    tune = tunes.wav(wanted.seed, int(given.get("sample_rate", 44_100)))
    return Output("audio/wav", "wav", (tune,))


def _film(wanted: Recipe, given: dict[str, Any]) -> Output:
    film = films.mp4(wanted.seed, given)
    missing = wanted.exact - len(film) - 16
    if missing < 0:
        return Output("video/mp4", "mp4", (film,))
    box = struct.pack(">I4sQ", 1, b"free", missing + 16)  # the long form, it may pass 4 GiB
    return Output("video/mp4", "mp4", (film + box, Padding(wanted.seed, missing)))


def _weight(output: Output) -> int:
    return sum(len(segment) for segment in output.segments if isinstance(segment, bytes))
