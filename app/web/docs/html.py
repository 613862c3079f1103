"""HTML by hand: what is not `Html` is escaped, wherever it goes."""

import re
from html import escape
from typing import Any


class Html(str):
    """Markup of ours, safe as it stands."""


def tag(name: str, *inside: str, **attributes: str) -> Html:
    """`class_` and the like lose their underscore; an empty attribute is left out."""
    return Html(f"{void(name, **attributes)}{joined(*inside)}</{name}>")


def void(name: str, **attributes: str) -> Html:
    """A tag that has no end."""
    given = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items() if value)
    return Html(f"<{name}{given}>")


def joined(*parts: str) -> Html:
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


def code(text: str, **attributes: str) -> Html:
    """Lines as they are. Too long ones are scrolled, by keys too."""
    return tag("pre", text, tabindex="0", **attributes)


def prose(text: str) -> Html:
    """A sentence, in which what stands between backticks is code."""
    pieces = re.split(r"`([^`]*)`", text)
    return joined(*(tag("code", piece) if at % 2 else piece for at, piece in enumerate(pieces)))


def table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Html:
    """Scrolls in itself where the page is narrow."""
    top = tag("tr", *(tag("th", each, scope="col") for each in head))
    body = joined(*(tag("tr", *(tag("td", cell) for cell in row)) for row in rows))
    return tag("div", tag("table", tag("thead", top), tag("tbody", body)), class_="table")
