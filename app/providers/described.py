"""A message as its receipt shows it: headers, and a body short enough to keep, with neither secrets nor pictures in it.

What was left out is told by its length. However large or deep a body is, describing it takes a bounded time.
"""

import json
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from app.providers.masking import MASK, Mask

LARGEST_BODY = 14_000
"""Bytes of a body that are kept, as JSON in ASCII: with the marks of what was cut it stays under 16 kB."""
LONGEST_TEXT, LONGEST_NAME, LONGEST_HEADER, LONGEST_URL = 2_000, 100, 400, 2_000
MOST_HEADERS, MOST_ENTRIES, DEEPEST = 60, 200, 24
PART = 12
"""What a value costs of the body's room besides its characters."""
LARGEST_CHARACTER = 12
DATA_URI = "data:"
T = TypeVar("T")


def message(mask: Mask, headers: Mapping[str, str], **body: Any) -> dict[str, Any]:
    """As JSON. `body` is told by the functions below."""
    kind = headers.get("content-type")
    return {"headers": headers_of(mask, headers), "content_type": kind and cut(mask, kind, LONGEST_HEADER), **body}


def headers_of(mask: Mask, headers: Mapping[str, str]) -> dict[str, str]:
    few = islice(headers.items(), MOST_HEADERS)
    return {cut(mask, name, LONGEST_HEADER): mask.header(name, _clean(value))[:LONGEST_HEADER] for name, value in few}


def as_json(mask: Mask, value: Any, size: int | None) -> dict[str, Any]:
    return {"bytes": size, "body": _Room(mask).kept(value)}


def as_text(mask: Mask, content: bytes) -> dict[str, Any]:
    """Text if it is one, else its size alone."""
    head = _text_of(content[: 4 * (LARGEST_BODY + mask.longest)])
    return {"bytes": len(content), "body": _Room(mask).text(head, LARGEST_BODY) if head else None}


def _text_of(content: bytes) -> str:
    """A character that was cut at the end is left out; empty for what is no text."""
    try:
        text = getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return ""
    return "" if "\0" in text else text


def as_parts(mask: Mask, files: Mapping[str, Sequence[Any]], size: int | None) -> dict[str, Any]:
    """Of a multipart body: texts as they are, pictures as type and size."""
    room = _Room(mask)
    return {"bytes": size, "parts": [_part(room, name, part) for name, part in islice(files.items(), MOST_ENTRIES)]}


def _part(room: "_Room", name: str, part: Sequence[Any]) -> dict[str, Any]:
    content, kind = part[1], part[2] if len(part) > 2 else None
    told = {"name": room.named(name), "content_type": kind and room.named(kind), "bytes": len(_bytes(content))}
    return told | ({"text": room.kept(content, name)} if isinstance(content, str) else {})


def _bytes(content: str | bytes) -> bytes:
    return content.encode(errors="replace") if isinstance(content, str) else content


def cut(mask: Mask, text: str, longest: int) -> str:
    """Masked before it is cut, as far as that can be seen, so that no half of a secret stays at the cut."""
    if len(text) <= longest:
        return mask.text(_clean(text))
    head = mask.text(_clean(text[: longest + mask.longest]))
    return f"{head[: max(len(head) - mask.longest, 0)][:longest]}… ({len(text):,} characters)"


def _clean(text: str) -> str:
    """Postgres holds neither NUL nor half a surrogate pair."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


class _Room:
    """What is left of a body's room; a walk ends where it is used up."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._left = LARGEST_BODY

    def kept(self, value: Any, name: str = "", depth: int = 0) -> Any:
        self._left -= PART
        if isinstance(value, str):
            return self._field(name, value)
        if isinstance(value, Mapping):
            return self._object(value, depth) if depth < DEEPEST else "{…}"
        if isinstance(value, list | tuple):
            return self._array(value, name, depth) if depth < DEEPEST else "[…]"
        return self._scalar(value)

    def named(self, name: str) -> str:
        return self.text(str(name), LONGEST_NAME)

    def text(self, text: str, longest: int) -> str:
        shown = cut(self._mask, text, max(min(longest, self._left), 0))
        if len(json.dumps(shown)) > max(self._left, PART):
            shown = cut(self._mask, text, max(self._left // LARGEST_CHARACTER, 0))
        return self._spent(shown)

    def _field(self, name: str, text: str) -> str:
        if text and self._mask.hides(name):
            return self._spent(MASK)
        if text[: len(DATA_URI)].casefold() == DATA_URI:
            kind = text[len(DATA_URI) : 80].partition(",")[0]
            return self._spent(f"{DATA_URI}{self._mask.text(_clean(kind))},… ({len(text):,} characters)")
        return self.text(text, LONGEST_TEXT)

    def _object(self, value: Mapping[str, Any], depth: int) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for name, each in self._while_room(value.items()):
            kept[self.named(name)] = self.kept(each, str(name), depth + 1)
        if len(kept) < len(value):
            kept["…"] = f"{len(value) - len(kept):,} more"
        return kept

    def _array(self, value: Sequence[Any], name: str, depth: int) -> list[Any]:
        kept = [self.kept(each, name, depth + 1) for each in self._while_room(value)]
        return kept if len(kept) == len(value) else [*kept, f"… {len(value) - len(kept):,} more"]

    def _while_room(self, values: Iterable[T]) -> Iterator[T]:
        for each in islice(values, MOST_ENTRIES):
            if self._left <= 0:
                return
            yield each

    def _scalar(self, value: Any) -> Any:
        """A number may be a secret too; NaN and infinity are none in the database."""
        shown = self._spent(self._mask.text(str(value)))
        is_plain = value is None or isinstance(value, bool | int | float)
        return value if is_plain and shown == str(value) and shown not in ("nan", "inf", "-inf") else shown

    def _spent(self, text: str) -> str:
        self._left -= len(json.dumps(text))
        return text
