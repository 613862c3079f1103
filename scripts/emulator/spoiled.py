"""Downloads as they should not be, one function each."""

import asyncio
import contextlib
import gzip
import struct
import zlib
from collections.abc import Awaitable, Callable
from functools import cache, partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from scripts.emulator import views
from scripts.emulator.book import Book, Prediction
from scripts.emulator.faults import Hit
from scripts.emulator.outputs import Output
from scripts.emulator.wire import Wire, Wired

Spoil = Callable[[Request, Output], Awaitable[Response]]

PAGE = b"<!doctype html><title>Sorry</title><script>alert(1)</script><p>Try again later.</p>"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512"><script>alert(1)</script></svg>'
BOMB_SIDE = 30_000
DROPS = 20


def chosen(book: Book, prediction: Prediction, position: int) -> Spoil | None:
    """The first fault of the table that hits this download."""
    for name, spoil in SPOILS.items():
        if fault := hit(book, name, prediction, position):
            return partial(spoil, book, fault)
    return None


def hit(book: Book, name: str, prediction: Prediction, position: int) -> Hit | None:
    fault = book.faults.peek(name)
    if fault is None or fault["position"] not in (None, position):
        return None
    return book.hit(name, prediction, position)


async def _missing(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    return views.reply({"error": "not found"}, 404)


async def _busy(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    return views.reply({"error": "slow down"}, 429, headers=views.retry_after(fault["seconds"]))


async def _broken(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    return views.reply({"error": "internal"}, 500)


async def _reset(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    async def script(wire: Wire) -> None:
        await wire.head(_headers(output))
        await _send(wire, output, output.size // 2)
        wire.reset()

    return Wired(script)


async def _truncated(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    async def script(wire: Wire) -> None:
        await wire.head(_headers(output))
        await _send(wire, output, output.size * 2 // 3)

    return Wired(script)


async def _truncated_chunks(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    async def script(wire: Wire) -> None:
        await wire.head({"Content-Type": output.content_type, "Transfer-Encoding": "chunked"})
        for piece in output.pieces(0, output.size * 2 // 3):
            await wire.chunk(piece)

    return Wired(script)


async def _truncated_gzip(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    packed = await _packed(output)
    return _gzipped(output, packed[: len(packed) * 2 // 3])


async def _closed(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    async def script(wire: Wire) -> None:
        await wire.head({"Content-Type": output.content_type})
        await _send(wire, output, output.size)

    return Wired(script)


async def _stalled(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    async def script(wire: Wire) -> None:
        await wire.head(_headers(output))
        await _send(wire, output, output.size // 2)
        await _pause(book, fault["seconds"])

    return Wired(script)


async def _dripped(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    async def script(wire: Wire) -> None:
        await wire.head(_headers(output))
        for drop in range(DROPS):
            for piece in output.pieces(output.size * drop // DROPS, output.size * (drop + 1) // DROPS):
                await wire.write(piece)
            await _pause(book, fault["seconds"] / DROPS)

    return Wired(script)


async def _too_long(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    async def script(wire: Wire) -> None:
        await wire.head(_headers(output) | {"Content-Length": str(output.size * 2 // 3)})
        await _send(wire, output, output.size)

    return Wired(script)


async def _mistyped(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    return Response(b"".join(output.pieces()), media_type="text/html")


async def _page(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    return Response(PAGE, headers={"Content-Type": output.content_type})


async def _drawing(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    return Response(DRAWING, headers={"Content-Type": "image/svg+xml"})


async def _gzip(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    return _gzipped(output, await _packed(output))


async def _redirected(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    return RedirectResponse(f"{book.origin}{request.url.path}?elsewhere=1", 302)


async def _redirected_inside(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    return RedirectResponse("http://169.254.169.254/latest/meta-data/", 302)


async def _endless(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    async def script(wire: Wire) -> None:
        await wire.head({"Content-Type": output.content_type, "Transfer-Encoding": "chunked"})
        while not (wire.gone or book.stopping.is_set()):
            for piece in output.pieces():
                await wire.chunk(piece)

    return Wired(script)


async def _bomb(book: Book, fault: Hit, request: Request, output: Output) -> Response:
    return Response(await asyncio.to_thread(pixel_bomb), media_type="image/png")


SPOILS: dict[str, Callable[[Book, Hit, Request, Output], Awaitable[Response]]] = {
    "cdn_404": _missing,
    "cdn_429": _busy,
    "cdn_500": _broken,
    "cdn_reset": _reset,
    "cdn_truncate": _truncated,
    "cdn_truncate_chunked": _truncated_chunks,
    "cdn_truncate_gzip": _truncated_gzip,
    "cdn_stall": _stalled,
    "cdn_wrong_length": _too_long,
    "cdn_wrong_type": _mistyped,
    "cdn_html": _page,
    "cdn_svg": _drawing,
    "cdn_redirect_private": _redirected_inside,
    "cdn_endless": _endless,
    "cdn_pixel_bomb": _bomb,
    "cdn_redirect": _redirected,
    "cdn_gzip": _gzip,
    "cdn_drip": _dripped,
    "cdn_close": _closed,
}


@cache
def pixel_bomb() -> bytes:
    row = bytes(1 + BOMB_SIDE // 8)
    press = zlib.compressobj(9)
    pixels = b"".join([*(press.compress(row * 100) for _ in range(BOMB_SIDE // 100)), press.flush()])
    header = struct.pack(">2I5B", BOMB_SIDE, BOMB_SIDE, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    )


def _headers(output: Output) -> dict[str, str]:
    return {"Content-Type": output.content_type, "Content-Length": str(output.size)}


async def _send(wire: Wire, output: Output, size: int) -> None:
    for piece in output.pieces(0, size):
        await wire.write(piece)


async def _packed(output: Output) -> bytes:
    return await asyncio.to_thread(lambda: gzip.compress(b"".join(output.pieces()), 1, mtime=0))


def _gzipped(output: Output, packed: bytes) -> Response:
    return Response(packed, headers={"Content-Type": output.content_type, "Content-Encoding": "gzip"})


async def _pause(book: Book, seconds: float) -> None:
    """Silence, but not beyond the end of the process."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(book.stopping.wait(), seconds)
