"""The query of a list, read strictly."""

import re
from datetime import UTC, datetime

from starlette.requests import Request

from app.db.lookups import ListFilter
from app.domain.prediction import Status
from app.web.cursors import read_cursor
from app.web.requests import bad_parameter, single_parameter
from app.web.strict_json import UNSTORABLE

USUAL_LIMIT = 20
LARGEST_LIMIT = 100
PARAMETERS = ("limit", "cursor", "status", "provider", "model", "created_after", "created_before")


def list_filter(request: Request) -> ListFilter:
    """One more than asked for, which tells whether there is a next page."""
    for unknown in sorted(set(request.query_params) - set(PARAMETERS)):
        raise bad_parameter(unknown, "is not a parameter of this list")
    given = {name: single_parameter(request, name) for name in PARAMETERS}
    return ListFilter(
        limit=page_limit(given["limit"]) + 1,
        before=None if given["cursor"] is None else read_cursor(given["cursor"]),
        status=_status(given["status"]),
        provider=_text(given["provider"], "provider"),
        model=_text(given["model"], "model"),
        created_after=read_time(given["created_after"], "created_after"),
        created_before=read_time(given["created_before"], "created_before"),
    )


def page_limit(text: str | None) -> int:
    if text is None:
        return USUAL_LIMIT
    if re.fullmatch(r"[0-9]{1,3}", text) is None or not 1 <= int(text) <= LARGEST_LIMIT:
        raise bad_parameter("limit", f"must be a whole number from 1 to {LARGEST_LIMIT}")
    return int(text)


def _status(text: str | None) -> Status | None:
    if text is not None and text not in list(Status):
        raise bad_parameter("status", f"must be one of {', '.join(Status)}")
    return None if text is None else Status(text)


def _text(text: str | None, name: str) -> str | None:
    if text is not None and UNSTORABLE.search(text):
        raise bad_parameter(name, "has a NUL")
    return text


def read_time(text: str | None, name: str) -> datetime | None:
    """With the space that a `+` becomes in a query taken back."""
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text.replace(" ", "+"))
        if time.tzinfo is None:
            raise bad_parameter(name, "must name its offset, such as Z")
        return time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise bad_parameter(name, "must be an RFC 3339 time") from None
