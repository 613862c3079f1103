"""What the head of an answer promises about its body."""

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx

from app.outbound.errors import OutputRejected, OutputUnavailable

MAX_RETRY_AFTER = 86_400.0  # a day: a server that says more is not to be believed

CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e]*"')


@dataclass(frozen=True)
class Promise:
    """A whole body to come.

    `length` is in bytes, if told; `framed` says that a cut would be noticed; `validator` is the strong ETag
    under which the server lets us ask for a rest.
    """

    length: int | None
    framed: bool
    validator: str | None


def whole_body(response: httpx.Response) -> Promise:
    """Read the head of an answer to a plain GET.

    Raises OutputRejected for an encoded body and OutputUnavailable for a part of one.
    """
    _refuse_encoding(response)
    if response.status_code != 200:
        raise OutputUnavailable("status", status=response.status_code)
    headers = response.headers
    chunked = "transfer-encoding" in headers
    length = None if chunked else _length(headers)
    return Promise(length, chunked or length is not None, _validator(headers))


def rest_of_body(response: httpx.Response, start: int, promise: Promise) -> int:
    """Read the head of an answer to a ranged GET and return the offset where the body will end.

    Raises OutputUnavailable if it is not exactly the rest of the promised body.
    """
    _refuse_encoding(response)
    spans = CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    if response.status_code != 206 or spans is None or response.headers.get("etag") != promise.validator:
        raise OutputUnavailable("changed", status=response.status_code)
    first, last, total = spans.groups()
    end = int(last) + 1
    if int(first) != start or total != str(end) or promise.length not in (None, end):
        raise OutputUnavailable("changed", status=response.status_code)
    return end


def retry_after(headers: httpx.Headers) -> float | None:
    """Return the seconds a server asks us to wait. A date is measured against the server's own `Date`."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return min(float(value), MAX_RETRY_AFTER)
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError, TypeError):
        return None
    return min(max(wait.total_seconds(), 0.0), MAX_RETRY_AFTER)


def _refuse_encoding(response: httpx.Response) -> None:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise OutputRejected("encoding", encoding)


def _length(headers: httpx.Headers) -> int | None:
    value = headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 20 else None


def _validator(headers: httpx.Headers) -> str | None:
    etag = headers.get("etag", "")
    ranged = headers.get("accept-ranges", "").strip().lower() == "bytes"
    return etag if ranged and STRONG_ETAG.fullmatch(etag) else None
