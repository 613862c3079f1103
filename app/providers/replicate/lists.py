"""Reading the list of predictions: from when, page by page, and which entries may be of a model.

A page is `{"previous", "next", "results"}`. `next` is a whole URL with an opaque cursor, to be followed, never built;
we take its query alone and ask our own host, so that no answer can send the key elsewhere.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from app.domain.ports import Listed
from app.providers.replicate.routes import slugs_of

CLOCKS_APART = timedelta(minutes=1)


def first_query(since: datetime) -> str:
    """Of the first page. `created_after` counts by a clock that is not ours."""
    text = (since - CLOCKS_APART).astimezone(UTC).isoformat().replace("+00:00", "Z")
    return f"created_after={quote(text, safe='')}"


def query_of(url: Any) -> str | None:
    """None where there is no next page. Raises ValueError for what leads nowhere: that list has an end unread."""
    if url is None or url == "":
        return None
    query = urlsplit(url).query if isinstance(url, str) else ""
    if not query or not query.isascii() or not query.isprintable() or " " in query:
        raise ValueError("no cursor")
    return query


def is_of(entry: Mapping[str, Any], listed: Listed, slug: str | None) -> bool:
    """Whether it may have been created under that name; one that repeats its webhook may always."""
    return slug is None or listed.callback_url is not None or slug in slugs_of(entry)


def is_before(listed: Listed, since: datetime) -> bool:
    """Older than anything looked for."""
    return listed.created_at is not None and listed.created_at < since - CLOCKS_APART
