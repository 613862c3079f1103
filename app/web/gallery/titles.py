"""A title from a prompt."""

import unicodedata

LONGEST = 70
UNTITLED = "Untitled"


def title_of(prompt: str) -> str:
    """One line, cut between words where it can be, without marks that would turn the rest of a page around."""
    shown = "".join(sign for sign in prompt if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cf"))
    line = " ".join(shown.split())
    if len(line) <= LONGEST:
        return line or UNTITLED
    cut = line[: LONGEST - 1]
    whole = cut.rpartition(" ")[0]
    return f"{whole if len(whole) > LONGEST // 2 else cut}…"
