"""Where outputs are fetched: with length, ETag and ranges, without CORS, gone after retention. Or spoiled."""

import hashlib
import re
from collections.abc import AsyncIterator, Iterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from scripts.emulator import outputs, spoiled, views
from scripts.emulator.book import Book, Prediction
from scripts.emulator.outputs import Output, Outputs, Padding

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
LARGEST = 2**40
TYPES = {"application/octet-stream", "video/mp4", "image/png", "audio/wav"}


class Cdn:
    def __init__(self, book: Book, files: Outputs) -> None:
        self._book, self._files = book, files

    async def output(self, request: Request) -> Response:
        self._book.requests[f"{request.method} /cdn"] += 1
        prediction = self._book.known(request.path_params["id"])
        position = _position(request.path_params["name"], prediction)
        if prediction is None or position is None or self._book.expired(prediction):
            return views.reply({"error": "not found"}, 404)
        if "stale" in request.query_params and self._book.hit("stale_link", prediction):
            return views.reply({"error": "link expired"}, 403)
        output = await self._file(prediction, position)
        if request.method == "GET" and "elsewhere" not in request.query_params:
            spoil = spoiled.chosen(self._book, prediction, position)
            if spoil:
                return await spoil(request, output)
        return whole(request, output, prediction.files[position]["sha256"])

    async def count(self, request: Request) -> Response:
        """Any number of bytes, always the same ones for a seed."""
        size = min(request.path_params["n"], LARGEST)
        seed, kind = request.query_params.get("seed", "0"), request.query_params.get("type", "")
        output = Output(kind if kind in TYPES else "application/octet-stream", "bin", (Padding(seed, size),))
        return whole(request, output, hashlib.sha256(f"{seed}:{size}".encode()).hexdigest())

    async def _file(self, prediction: Prediction, position: int) -> Output:
        wanted = outputs.recipe(
            prediction.model,
            prediction.input,
            position,
            **prediction.recipe,
            salt=self._salt(prediction, position),
        )
        return await self._files.get(wanted)

    def _salt(self, prediction: Prediction, position: int) -> str:
        if spoiled.hit(self._book, "cdn_changing", prediction, position) is None:
            return ""
        before = self._book.faults.count("downloads", f"{prediction.id}/{position}")
        return str(before) if before else ""


def whole(request: Request, output: Output, sha256: str) -> Response:
    """The honest answer: 200, 206, 304 or 416."""
    headers = {
        "Content-Type": output.content_type,
        "ETag": f'"{sha256[:32]}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=300",
    }
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    span = _span(request, output.size, headers["ETag"])
    if span is None:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{output.size}"})
    start, stop = span
    partial = (start, stop) != (0, output.size)
    if partial:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{output.size}"
    headers["Content-Length"] = str(stop - start)
    body: Iterator[bytes] = iter(()) if request.method == "HEAD" else output.pieces(start, stop)
    return StreamingResponse(_async(body), 206 if partial else 200, headers)


def _span(request: Request, size: int, etag: str) -> tuple[int, int] | None:
    """First and one past the last byte; None where the range lies outside. Several ranges count as none."""
    asked = RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or asked.groups() == ("", "") or request.headers.get("If-Range", etag) != etag:
        return 0, size
    first, last = asked.groups()
    if not first:
        return (max(0, size - int(last)), size) if int(last) else None
    start, stop = int(first), min(int(last) + 1 if last else size, size)
    return (start, stop) if start < stop else None


async def _async(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def _position(name: str, prediction: Prediction | None) -> int | None:
    if prediction is None:
        return None
    ends = [file["path"].rpartition("/")[2] for file in prediction.files]
    return ends.index(name) if name in ends else None
