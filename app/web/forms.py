"""A form with files (multipart/form-data, RFC 7578), read as it comes: nothing is held but one piece.

A file goes to an unnamed temporary, which nobody has to remove. One piece too many, and the reading ends.
"""

import asyncio
import errno
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
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
ALONE = ("is not a field of this form", "is given more than once")
IN_MEMORY = 256 * 1024
PATIENCE = 4
"""Files may take so many times as long as another body."""
FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(slots=True)
class Part:
    """A file: `file` is at its end, `size` its bytes, `name` as its part tells it."""

    field: str
    name: str
    file: BinaryIO
    size: int = 0

    def read(self) -> bytes:
        """The whole file. Blocks."""
        self.file.seek(0)
        return self.file.read()


@dataclass(slots=True)
class Form:
    """`texts` are the fields that are no files."""

    files: list[Part] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.files[0].name

    def read(self) -> bytes:
        """The whole of its one file. Blocks."""
        return self.files[0].read()


@dataclass(frozen=True, slots=True)
class Bounds:
    """`files` are the fields of files, and how many each may have; the first is needed. A file has at most `largest`
    bytes, all of them `total`. Of other fields there are none but `texts`, each at most once; a text that is too long
    has one byte more than `longest_text`."""

    files: Mapping[str, int]
    texts: tuple[str, ...]
    largest: int
    total: int
    longest_text: int = LONGEST_TEXT

    @property
    def needed(self) -> str:
        return next(iter(self.files))

    def field_of(self, name: str) -> str:
        """Several files stand under one name, or under one that ends in brackets, as the client likes it."""
        plain = name.removesuffix("[]")
        return plain if self.files.get(plain, 0) > 1 else name

    @property
    def most_parts(self) -> int:
        return max(MOST_PARTS, sum(self.files.values()) + len(self.texts))


@asynccontextmanager
async def read_form(
    request: Request, file_field: str, limit: int, texts: tuple[str, ...], *, longest_text: int = LONGEST_TEXT
) -> AsyncIterator[Form]:
    """With one file of at most `limit` bytes. Raises what `read_files` does."""
    async with read_files(request, Bounds({file_field: 1}, texts, limit, limit, longest_text)) as form:
        yield form


@asynccontextmanager
async def read_files(request: Request, bounds: Bounds) -> AsyncIterator[Form]:
    """Raises RequestProblem, InvalidRequest naming the field, StorageFull."""
    boundary = _boundary(request)
    seconds = PATIENCE * shared(request).policy.body_seconds
    with ExitStack() as spools:
        form = Form()
        reading = _Reading(boundary, form, bounds, spools)
        try:
            await pour_body(request, reading.take, bounds.total + AROUND, seconds)
        except RequestProblem as trouble:
            raise reading.too_large() if trouble.code == "body_too_large" else trouble from None
        reading.check_end()
        yield form


class _Reading:
    """The parser's events, and what has to be written."""

    def __init__(self, boundary: bytes, form: Form, bounds: Bounds, spools: ExitStack) -> None:
        self._form, self._bounds, self._spools = form, bounds, spools
        self._header, self._value = bytearray(), bytearray()
        self._name: str | None = None
        self._filename = ""
        self._file: Part | None = None
        self._pieces: list[tuple[BinaryIO, bytes]] = []
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
        if any(each.size > self._bounds.largest for each in self._form.files):
            raise self.too_large()
        if self._pieces:
            pieces, self._pieces = self._pieces, []
            await asyncio.to_thread(_write, pieces)

    def too_large(self) -> RequestProblem:
        name = self._form.files[-1].field if self._form.files else self._bounds.needed
        together = "" if self._bounds.total == self._bounds.largest else f", and all files {self._bounds.total:,}"
        problem = FieldProblem(name, f"must have at most {self._bounds.largest:,} bytes{together}")
        return RequestProblem("body_too_large", f"The file {problem.message}.", problems=(problem,))

    def check_end(self) -> None:
        if not self._has_ended:
            _refuse("The body ends before its last boundary.")
        if self._bounds.needed not in [each.field for each in self._form.files]:
            problem = FieldProblem(self._bounds.needed, "is missing: send one part of this name, with a file")
            self._problems.append(problem)
        if self._problems:
            raise InvalidRequest("The form does not fit; see `errors`.", problems=tuple(self._problems))

    def _part_began(self) -> None:
        self._parts += 1
        if self._parts > self._bounds.most_parts:
            _refuse(f"The body has more than {self._bounds.most_parts} parts.")
        self._name, self._filename, self._file, self._text = None, "", None, bytearray()

    def _header_came(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _value_came(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_ended(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._value))
            self._name = options.get(b"name", b"").decode("utf-8", "replace")
            self._filename = options.get(b"filename", b"").decode("utf-8", "replace")
        self._header, self._value = bytearray(), bytearray()

    def _headers_ended(self) -> None:
        if not self._name:
            _refuse("A part has no name.")
        name = self._bounds.field_of(self._name)
        known = self._bounds.files.get(name, 1 if name in self._bounds.texts else 0)
        seen = sum(each.field == name for each in self._form.files) + (name in self._form.texts)
        if seen >= known:
            message = f"is given more than {known} times" if known > 1 else ALONE[known]
            self._problems.append(FieldProblem(printable(self._name), message))
            self._name = None
        elif name in self._bounds.files:
            self._name, self._file = name, self._new_file(name)
        else:
            self._name, self._form.texts[name] = name, ""

    def _new_file(self, name: str) -> Part:
        spool = self._spools.enter_context(tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115
        self._form.files.append(Part(name, self._filename, cast(BinaryIO, spool)))
        return self._form.files[-1]

    def _data_came(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.size += end - start
            self._pieces.append((self._file.file, data[start:end]))
        elif self._name is not None:
            self._text += data[start:end][: self._bounds.longest_text + 1 - len(self._text)]

    def _part_ended(self) -> None:
        if self._name is not None and self._file is None:
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


def _write(pieces: list[tuple[BinaryIO, bytes]]) -> None:
    try:
        for file, piece in pieces:
            file.write(piece)
    except OSError as error:
        if error.errno in FULL:
            raise StorageFull("The disk is full.", retry_after=60) from error
        raise TemporarilyUnavailable("The disk is away for a moment.") from error


def _refuse(detail: str) -> NoReturn:
    raise RequestProblem("invalid_form", detail)
