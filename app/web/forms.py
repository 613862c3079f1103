"""A form with one file (multipart/form-data, RFC 7578), read as it comes: nothing is held but one piece.

The file goes to an unnamed temporary, which nobody has to remove. One piece too many, and the reading ends.
"""

import asyncio
import errno
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, NoReturn, cast

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from app.domain.errors import FieldProblem, InvalidRequest, StorageFull, TemporarilyUnavailable
from app.web.errors import RequestProblem
from app.web.requests import pour_body, single_header
from app.web.shared import shared
from app.web.strict_json import printable

AROUND = 64 * 1024
"""For boundaries, headers and other fields."""
MOST_PARTS = 8
LONGEST_TEXT = 200
IN_MEMORY = 256 * 1024
PATIENCE = 4
"""A file may take so many times as long as another body."""
FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(slots=True)
class Form:
    """`file` is at its end; `size` its bytes, `name` as its part tells it; `texts` are the other fields."""

    file: BinaryIO
    has_file: bool = False
    size: int = 0
    name: str = ""
    texts: dict[str, str] = field(default_factory=dict)

    def read(self) -> bytes:
        """The whole file. Blocks."""
        self.file.seek(0)
        return self.file.read()


@asynccontextmanager
async def read_form(
    request: Request, file_field: str, limit: int, texts: tuple[str, ...], *, longest_text: int = LONGEST_TEXT
) -> AsyncIterator[Form]:
    """With one file of at most `limit` bytes, and of other fields none but `texts`, each at most once. A text that is
    too long has one byte more than `longest_text`.

    Raises RequestProblem, InvalidRequest naming the field, StorageFull.
    """
    boundary = _boundary(request)
    seconds = PATIENCE * shared(request).policy.body_seconds
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
        form = Form(cast(BinaryIO, spool))
        reading = _Reading(boundary, form, file_field, limit, texts, longest_text=longest_text)
        try:
            await pour_body(request, reading.take, limit + AROUND, seconds)
        except RequestProblem as trouble:
            raise reading.too_large() if trouble.code == "body_too_large" else trouble from None
        reading.check_end()
        yield form


class _Reading:
    """The parser's events, and what has to be written."""

    def __init__(
        self, boundary: bytes, form: Form, file_field: str, limit: int, texts: tuple[str, ...], *, longest_text: int
    ) -> None:
        self._form, self._file_field, self._limit, self._texts = form, file_field, limit, texts
        self._longest_text = longest_text
        self._header, self._value = bytearray(), bytearray()
        self._name: str | None = None
        self._seen: list[str] = []
        self._pieces: list[bytes] = []
        self._problems: list[FieldProblem] = []
        self._text = bytearray()
        self._parts = 0
        self._has_ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._part_began,
                    "on_header_field": self._header_came,
                    "on_header_value": self._value_came,
                    "on_header_end": self._header_ended,
                    "on_headers_finished": self._headers_ended,
                    "on_part_data": self._data_came,
                    "on_part_end": self._part_ended,
                    "on_end": self._ended,
                },
            )
        except FormParserError:
            _refuse("The boundary cannot be used.")

    async def take(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise RequestProblem("invalid_form", "The body is not multipart/form-data.") from error
        if self._form.size > self._limit:
            raise self.too_large()
        if self._pieces:
            pieces, self._pieces = b"".join(self._pieces), []
            await asyncio.to_thread(_write, self._form.file, pieces)

    def too_large(self) -> RequestProblem:
        problem = FieldProblem(self._file_field, f"must have at most {self._limit:,} bytes")
        return RequestProblem("body_too_large", f"The file {problem.message}.", problems=(problem,))

    def check_end(self) -> None:
        if not self._has_ended:
            _refuse("The body ends before its last boundary.")
        if not self._form.has_file:
            self._problems.append(FieldProblem(self._file_field, "is missing: send one part of this name, with a file"))
        if self._problems:
            raise InvalidRequest("The form does not fit; see `errors`.", problems=tuple(self._problems))

    def _part_began(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            _refuse(f"The body has more than {MOST_PARTS} parts.")
        self._name, self._text = None, bytearray()

    def _header_came(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _value_came(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_ended(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._value))
            self._name = options.get(b"name", b"").decode("utf-8", "replace")
            if self._name == self._file_field:
                self._form.name = options.get(b"filename", b"").decode("utf-8", "replace")
        self._header, self._value = bytearray(), bytearray()

    def _headers_ended(self) -> None:
        if not self._name:
            _refuse("A part has no name.")
        if self._name in self._seen:
            self._problems.append(FieldProblem(printable(self._name), "is given more than once"))
            self._name = None
        elif self._name not in (self._file_field, *self._texts):
            self._problems.append(FieldProblem(printable(self._name), "is not a field of this form"))
            self._name = None
        else:
            self._seen.append(self._name)
            self._form.has_file = self._form.has_file or self._name == self._file_field

    def _data_came(self, data: bytes, start: int, end: int) -> None:
        if self._name == self._file_field:
            self._form.size += end - start
            self._pieces.append(data[start:end])
        elif self._name is not None:
            self._text += data[start:end][: self._longest_text + 1 - len(self._text)]

    def _part_ended(self) -> None:
        if self._name is not None and self._name != self._file_field:
            self._form.texts[self._name] = self._text.decode("utf-8", "replace").strip()

    def _ended(self) -> None:
        self._has_ended = True


def _boundary(request: Request) -> bytes:
    media_type, options = parse_options_header(single_header(request, "Content-Type"))
    if media_type.lower() != b"multipart/form-data":
        raise RequestProblem("unsupported_media_type", "Send the file as Content-Type: multipart/form-data.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise RequestProblem("unsupported_media_type", "Send the body as it is, without Content-Encoding.")
    boundary = options.get(b"boundary", b"")
    return boundary or _refuse("The Content-Type names no boundary.")


def _write(file: BinaryIO, piece: bytes) -> None:
    try:
        file.write(piece)
    except OSError as error:
        if error.errno in FULL:
            raise StorageFull("The disk is full.", retry_after=60) from error
        raise TemporarilyUnavailable("The disk is away for a moment.") from error


def _refuse(detail: str) -> NoReturn:
    raise RequestProblem("invalid_form", detail)
