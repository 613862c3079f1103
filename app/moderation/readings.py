"""The ways in which a text can be read once its disguises are taken off.

Every reading is lower-case words, parted and surrounded by single spaces, so that a list can ask for whole words and
`Scunthorpe` stays a town. Disguises that a harmless text may show by chance (digits, letters of other scripts, signs
between letters) make further readings beside the plain one and replace nothing in it.
"""

import re
import unicodedata
from collections.abc import Iterator

from app.moderation.look_alikes import look_alikes

FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufdfa\ufdfb")
"""Letters and pictures by category, and blank to the eye; and two signs that are whole sentences when spelled out."""
SIGNS = str.maketrans({"@": "a", "€": "e", "£": "l", "|": "l", "¡": "i", "†": "t"})
INNER_SIGNS = re.compile(r"(?<!\d)(\$)(?!\d)|(?<=[^\W_])(!)(?=[^\W_])")
DIGITS = "0123456789"
SPOKEN = ("oizeasgtbg", "olzeasgtbg")
"""What the digits stand for; a 1 is an i or an l."""
WITH_DIGITS = re.compile(r"(?<![^\W_])[^\W\d_]*\d[^\W_]*")
SPELLED = re.compile(r"(?<![^\W_])[^\W_](?:[\W_]{1,3}[^\W_](?![^\W_])){2,}")
BETWEEN = re.compile(r"[\W_]+")
INSIDE = re.compile(r"(?<=[^\W_])(?:_|[^\w\s.,;:?!/])+(?=[^\W_])")
STRETCHED = re.compile(r"([^\W\d_])\1{2,}")


def readings(text: str) -> list[str]:
    """Without duplicates, the plain one first. At most twelve; each costs a few passes over the text."""
    bare = uncovered(text)
    scripts = [bare.casefold()]
    if not bare.isascii():
        scripts.append(bare.translate(look_alikes()).casefold())
    spoken = (spelling for script in scripts for spelling in _spellings(STRETCHED.sub(_relaxed, script)))
    return list(dict.fromkeys(words for spelling in spoken for words in (parted(spelling), _closed(spelling))))


def plain(text: str) -> str:
    """A list's own word, as the plain reading shows it."""
    return parted(STRETCHED.sub(_relaxed, uncovered(text).casefold()))


def uncovered(text: str) -> str:
    """Full-width and styled forms are made plain; accents, signs without width and halves of surrogate pairs go."""
    if text.isascii():
        return text
    bare = _without_covers(text)  # first, since a long pile of accents takes Unicode's sorting the square of its height
    return _without_covers(unicodedata.normalize("NFKD", bare))


def parted(text: str) -> str:
    """Whatever is no letter and no digit parts words."""
    return f" {BETWEEN.sub(' ', text).strip()} "


def _closed(text: str) -> str:
    """Words close over the signs within them (`f-oo`, `f*oo`), but not over those that end a sentence."""
    return parted(INSIDE.sub("", text))


def _spellings(text: str) -> Iterator[str]:
    spelled = SPELLED.sub(_joined, text)
    yield spelled
    signs = INNER_SIGNS.sub(lambda sign: "s" if sign[1] else "i", text).translate(SIGNS)
    if signs == text and not WITH_DIGITS.search(text):
        return
    spelled = SPELLED.sub(_joined, signs)
    for spoken in SPOKEN:
        table = str.maketrans(DIGITS, spoken)
        yield WITH_DIGITS.sub(lambda word, table=table: _pronounced(word[0], table), spelled)  # type: ignore[misc]


def _joined(run: re.Match[str]) -> str:
    """`f o o` is `foo`. Where some gaps are wider than others, they part words: `f o o   b a r`. `a` may be itself."""
    narrow = min(map(len, BETWEEN.findall(run[0])))
    words = [BETWEEN.sub("", word) for word in re.split(rf"[\W_]{{{narrow + 1},}}", run[0])]
    return " ".join(f"{word} {word[1:]}" if word[0] in "ai" and len(word) > 3 else word for word in words)


def _pronounced(word: str, table: dict[int, int]) -> str:
    """`p0rn` is said `porn`; but a number stays one, and so does a name with more digits than letters, like `A55`."""
    letters = sum(sign.isalpha() for sign in word)
    numbers = sum(sign in "123456789" for sign in word)
    return word.translate(table) if letters >= max(numbers, 1) else word


def _relaxed(stretched: re.Match[str]) -> str:
    """`foooot` loses its breath, `xxx` is a word."""
    text, start, end = stretched.string, stretched.start(), stretched.end()
    alone = not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum()
    return stretched[0] if alone else stretched[1]


def _without_covers(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() or not _is_cover(sign))


def _is_cover(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category[0] == "M" or category in ("Cf", "Cs") or sign in FILLERS
