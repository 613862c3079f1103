"""What a model makes besides files: text, numbers, objects, kept as JSON that the database can hold.

A file's place in it is `{"$file": position}`, since the provider's own address is gone soon. Bounded in size, depth and
number of parts; what exceeds that is not kept.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

LARGEST = 256_000
"""Bytes as JSON."""
DEEPEST = 64
MOST_PARTS = 20_000
FILE = "$file"


class _TooMuch(Exception):
    pass


def data_of(output: Any, files: Sequence[str]) -> Any:
    """The output with its files' addresses as positions; None where it is files alone, or too much."""
    walk = _Walk({url: position for position, url in reversed(list(enumerate(files)))})
    try:
        kept = walk.kept(output, 0)
        is_small = len(json.dumps(kept)) <= LARGEST
    except _TooMuch:
        return None
    return kept if walk.has_data and is_small else None


def with_addresses(data: Any, addresses: Mapping[int, str | None]) -> Any:
    """With our own addresses in the places of files; None for one that is not stored."""
    if isinstance(data, Mapping):
        if set(data) == {FILE} and isinstance(data[FILE], int):
            return addresses.get(data[FILE])
        return {name: with_addresses(value, addresses) for name, value in data.items()}
    if isinstance(data, list):
        return [with_addresses(value, addresses) for value in data]
    return data


class _Walk:
    def __init__(self, positions: Mapping[str, int]) -> None:
        self._positions = positions
        self._parts = 0
        self.has_data = False

    def kept(self, value: Any, depth: int) -> Any:
        self._parts += 1
        if depth > DEEPEST or self._parts > MOST_PARTS:
            raise _TooMuch
        if isinstance(value, Mapping):
            return {_text(str(name)): self.kept(each, depth + 1) for name, each in value.items()}
        if isinstance(value, list):
            return [self.kept(each, depth + 1) for each in value]
        if isinstance(value, str) and value in self._positions:
            return {FILE: self._positions[value]}
        return self._scalar(value)

    def _scalar(self, value: Any) -> Any:
        self.has_data |= value is not None and value != ""
        if isinstance(value, str):
            return _text(value)
        if isinstance(value, float) and not math.isfinite(value):
            return None
        return value if value is None or isinstance(value, bool | int | float) else None


def _text(text: str) -> str:
    """Postgres holds neither NUL nor half a surrogate pair."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()
