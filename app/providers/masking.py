"""Secrets out of what is shown of a call: by where they stand, by what they look like, and word for word."""

import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "••••"
LAST_SHOWN, SHOWN_OF = 4, 24
"""Of a header's key that is so long this many last characters are shown: after a rotation they tell whose it was."""
SHORTEST = 6
"""Whatever is shorter would blot out words; in headers and queries it is hidden by its place."""
_NAMES = r"t|key|sig|signature|[\w.-]*(?:token|secret|password|api[_-]?key|access[_-]?key|-signature|-credential)"
_QUERY = re.compile(rf"((?:[?&]|%3f|%26)(?:{_NAMES})(?:=|%3d))(?:(?!%26)[^&\s\"'<>#])+", re.IGNORECASE)
_USER = re.compile(r"(?<=://)[^/\s@]+@")
_LOOKS = re.compile(r"\b(?:dk|ct|whsec|r8|phc|vercel_blob_rw)_[\w.+/=-]{8,}|\bsk-[\w-]{8,}|(?i:(?<=bearer )[^\s\"']+)")
_FIELD = re.compile(r"(?:^|[_.-])(?:token|secret|password|api[_-]?key|authorization)$", re.IGNORECASE)
_HEADER = re.compile(r"(?i)auth|cookie|token(?!s)|secret|signature|password|credential|(?:^|-)(?:api)?key(?:$|-)")


class Mask:
    """`secrets` are words that nobody may read, wherever they turn up; what `beside` hides stays hidden too."""

    def __init__(self, secrets: Iterable[str] = (), *, beside: "Mask | None" = None) -> None:
        forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
        self._forms: list[str] = sorted(forms | set(beside._forms if beside else ()), key=len, reverse=True)
        self.longest = len(self._forms[0]) if self._forms else 0
        """Characters: who cuts a text before it is masked has to leave out so many at the cut."""

    def text(self, text: str) -> str:
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        text = _LOOKS.sub(MASK, text)
        if "=" in text or "%" in text:
            text = _QUERY.sub(rf"\1{MASK}", text)
        return _USER.sub(f"{MASK}@", text) if "://" in text else text

    def header(self, name: str, value: str) -> str:
        """A credential's scheme stays, and of a long key its end."""
        if _HEADER.search(name) is None:
            return self.text(value)
        if "cookie" in name.casefold():
            return MASK
        scheme, space, secret = value.rpartition(" ")
        return f"{self.text(scheme)}{space}{MASK}{secret[-LAST_SHOWN:] if len(secret) >= SHOWN_OF else ''}"

    def hides(self, field: str) -> bool:
        """Whether a field of this name holds a secret, whatever its text."""
        return _FIELD.search(field) is not None


def _forms(secret: str) -> set[str]:
    """As it is, in an address, in a form, and in a JSON text within a text."""
    return {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), json.dumps(secret)[1:-1]}
