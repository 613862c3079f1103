"""Letters of other scripts that pass for Latin ones, from Unicode's own tables.

Two sources, chained: the confusables of UTS 39 (Cyrillic `с` looks like `c`, Cyrillic `н` like the small capital `ʜ`)
and the names of letters (`LATIN LETTER SMALL CAPITAL H` is an h, `LATIN SMALL LETTER O WITH STROKE` an o).
"""

import json
import re
import unicodedata
from functools import cache
from importlib.resources import files

LATIN = re.compile(
    r"LATIN (?:SMALL |CAPITAL )?LETTER (?:SMALL CAPITAL |DOTLESS |LONG |OPEN |SCRIPT |INSULAR )?([A-Z])(?: WITH .*)?"
)
IN_NO_TABLE = dict(zip("ɑɩĸʋɡƨᴦмьпяεηχβως", "aikvgsrmbnrenxbws", strict=True))
"""Letters with names of their own, and those that Unicode does not count as confusable though people do."""
BADGES = ((0x1F1E6, 26), (0x1F150, 26), (0x1F170, 26))
"""Alphabets of signs that Unicode takes for pictures: regional indicators, letters in black circles and squares."""


@cache
def look_alikes() -> dict[int, str]:
    """For `str.translate`, before the case is folded: about two thousand signs, each to one letter of a–z."""
    found = {ord(sign): letter for sign in _signs() if (letter := _letter(sign) or _confusable(sign))}
    for first, count in BADGES:
        found |= {first + number: chr(ord("a") + number) for number in range(count)}
    return found


def _signs() -> set[str]:
    latin = map(chr, (*range(0x80, 0x250), *range(0x250, 0x2B0), *range(0x1D00, 0x1D80), *range(0xA720, 0xA800)))
    tabled = (sign for sign in _confusables() if len(sign) == 1 and not sign.isascii())
    return {*tabled, *latin, *IN_NO_TABLE}


def _confusable(sign: str) -> str | None:
    letters = (_letter(each["c"]) for each in _confusables().get(sign, ()) if len(each["c"]) == 1)
    return next((letter for letter in letters if letter), None)


def _letter(sign: str) -> str | None:
    if sign.isascii():
        return sign.lower() if sign.isalpha() else None
    if sign in IN_NO_TABLE:
        return IN_NO_TABLE[sign]
    named = LATIN.fullmatch(unicodedata.name(sign, ""))
    return named[1].lower() if named else None


@cache
def _confusables() -> dict[str, list[dict[str, str]]]:
    """Only the table: the library's own functions look at whole alphabets, one sign after the other."""
    table = files("confusable_homoglyphs").joinpath("confusables.json").read_text("utf-8")
    found: dict[str, list[dict[str, str]]] = json.loads(table)
    return found
