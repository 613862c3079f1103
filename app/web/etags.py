"""`If-None-Match`: compared weakly, as RFC 9110 asks for reads."""

import re

from starlette.requests import Request

from app.web.requests import listed_header

VERSION = re.compile(r'"[0-9]{1,9}"')


def known_tags(request: Request) -> set[str]:
    """What the client has already; `*` stands for anything."""
    return {tag.removeprefix("W/") for tag in listed_header(request, "If-None-Match")}


def is_known(etag: str, known: set[str]) -> bool:
    return "*" in known or etag in known


def newest(known: set[str]) -> int:
    """The newest version of ours among them, 0 if there is none."""
    return max((int(tag[1:-1]) for tag in known if VERSION.fullmatch(tag)), default=0)
