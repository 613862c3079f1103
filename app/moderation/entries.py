"""Deny-lists as they are written: TOML, one table a category, with `words` and `patterns`; `harmless` at the top.

A word is words: it is found as a whole, however it is disguised, and also written together. A pattern is a regular
expression of RE2, which takes linear time whatever it says; it sees what `readings` yields. What is `harmless` is
taken out first.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import re2

from app.moderation.readings import plain

CATEGORY = re.compile(r"[a-z0-9][a-z0-9/_-]{0,63}")
WITHOUT_SPACES = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
MEMORY_BYTES = 64 * 2**20


class DenyListError(Exception):
    """A list that cannot be used; the message names the entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`pattern` is RE2 over a reading; `example`, where there is one, is a reading that it must match."""

    category: str
    pattern: str
    example: str | None = None


@dataclass(frozen=True, slots=True)
class Entries:
    denied: tuple[Entry, ...]
    harmless: tuple[str, ...] = ()

    def __add__(self, other: "Entries") -> "Entries":
        return Entries(self.denied + other.denied, self.harmless + other.harmless)


def listed(own: Path | None = None) -> Entries:
    """Ours, and what an operator adds to it. Raises DenyListError."""
    return shipped() if own is None else shipped() + read(own)


def shipped() -> Entries:
    return parsed(files("app.moderation").joinpath("deny.toml").read_text("utf-8"))


def read(path: Path) -> Entries:
    """Raises DenyListError."""
    try:
        return parsed(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DenyListError(f"cannot be read ({type(error).__name__})") from error


def parsed(text: str) -> Entries:
    """Raises DenyListError."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DenyListError(f"is no TOML: {error}") from error
    harmless = tuple(map(_readable, _texts(found.pop("harmless", []), "harmless")))
    return Entries(tuple(entry for name, table in found.items() for entry in _category(name, table)), harmless)


def options() -> re2.Options:
    chosen = re2.Options()
    chosen.case_sensitive = False
    chosen.log_errors = False
    chosen.max_mem = MEMORY_BYTES
    return chosen


def _category(name: str, table: Any) -> Iterator[Entry]:
    if CATEGORY.fullmatch(name) is None or not isinstance(table, Mapping):
        raise DenyListError(f"{name!r} is no category: a table, named by a–z, digits, `/`, `_` and `-`")
    unknown = set(table) - {"words", "patterns"}
    if unknown:
        raise DenyListError(f"{name}: knows `words` and `patterns` alone, not {', '.join(sorted(unknown))}")
    for word in _texts(table.get("words", []), f"{name}.words"):
        readable = _readable(word)
        yield Entry(name, word_pattern(readable), f" {readable} ")
    for pattern in _texts(table.get("patterns", []), f"{name}.patterns"):
        yield Entry(name, _checked(_plain_pattern(pattern), pattern))


def word_pattern(words: str) -> str:
    """Whole words, parted or written together; scripts without spaces know no whole words."""
    together = " ?".join(map(re2.escape, words.split()))
    before = "" if _has_no_spaces(words[0]) else " "
    after = "" if _has_no_spaces(words[-1]) else " "
    return f"{before}{together}{after}"


def _checked(pattern: str, written: str) -> str:
    try:
        compiled = re2.compile(pattern, options())
    except re2.error as error:
        said = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        raise DenyListError(f"the pattern {written!r} is not RE2's ({said})") from None
    if compiled.search(" ") is not None:
        raise DenyListError(f"the pattern {written!r} matches an empty text, so it would refuse everything")
    return pattern


def _plain_pattern(pattern: str) -> str:
    """What is not ASCII as readings show it; the rest is the expression's own language."""
    return "".join(sign if sign.isascii() else plain(sign).strip() or sign for sign in pattern)


def _readable(word: str) -> str:
    found = plain(word).strip()
    if not found:
        raise DenyListError(f"{word!r} has no letter, so nothing could match it")
    return found


def _texts(value: Any, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise DenyListError(f"{name} must be a list of texts")
    return value


def _has_no_spaces(sign: str) -> bool:
    return unicodedata.name(sign, "").startswith(WITHOUT_SPACES)
