"""`Range` of files: one range of bytes. Several, or one that makes no sense, give the whole file (RFC 9110, 14.2)."""

import re

from starlette.requests import Request

from app.web.errors import RequestProblem

_ONE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class RangeUnsatisfiable(RequestProblem):
    """The range begins behind the end."""

    def __init__(self, size: int) -> None:
        super().__init__("range_not_satisfiable", f"The file has {size:,} bytes.")
        self.headers = {"Content-Range": f"bytes */{size}"}


def part_of(request: Request, etag: str, size: int) -> range | None:
    """Which bytes are to be sent; None for all of them. Raises RangeUnsatisfiable."""
    match = _ONE.fullmatch(request.headers.get("range", ""))
    if match is None or request.method != "GET" or request.headers.get("if-range", etag) != etag:
        return None
    first, last = match.groups()
    if not (first or last) or (first and last and int(first) > int(last)):
        return None
    if (int(first) >= size) if first else (int(last) == 0):
        raise RangeUnsatisfiable(size)
    if not first:
        return range(max(0, size - int(last)), size)
    return range(int(first), min(size, int(last) + 1) if last else size)
