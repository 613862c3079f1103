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


def wants_part(request: Request, etag: str, size: int) -> bool:
    """Whether a part is to be sent. Raises RangeUnsatisfiable."""
    match = _ONE.fullmatch(request.headers.get("range", ""))
    if match is None or request.method != "GET" or request.headers.get("if-range", etag) != etag:
        return False
    first, last = match.groups()
    if not (first or last) or (first and last and int(first) > int(last)):
        return False
    if (int(first) >= size) if first else (int(last) == 0):
        raise RangeUnsatisfiable(size)
    return True
