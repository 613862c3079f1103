"""`If-None-Match`: compared weakly, as RFC 9110 asks for reads."""

from starlette.requests import Request

from app.web.requests import listed_header


def known_tags(request: Request) -> set[str]:
    """What the client has already; `*` stands for anything."""
    return {tag.removeprefix("W/") for tag in listed_header(request, "If-None-Match")}


def is_known(etag: str, known: set[str]) -> bool:
    return "*" in known or etag in known
