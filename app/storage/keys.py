"""Names of blobs."""

import base64
import re
import secrets
from typing import Literal

from app.storage.errors import InvalidKey

RANDOM_BYTES = 20  # 160 bits; exactly 32 letters, without a difference of case for disks that know none
KEY = re.compile(r"[a-z2-7]{32}(-thumb)?\.[a-z0-9]{1,11}")


def new_key(extension: str, mark: Literal["", "-thumb"] = "") -> str:
    """Make a name nobody can guess, such as `mfrggzdfmztwq2lknnwg23tpobyxe43u.png`.

    A thumbnail has random bits of its own, and a mark: a release that knows none leaves such blobs alone.

    Raises InvalidKey if the extension is not of 1–11 small letters and digits.
    """
    name = base64.b32encode(secrets.token_bytes(RANDOM_BYTES)).decode("ascii").lower()
    return checked(f"{name}{mark}.{extension}")


def checked(key: str) -> str:
    """Return the key. Raises InvalidKey unless `new_key` could have made it."""
    if KEY.fullmatch(key) is None:
        raise InvalidKey(key)
    return key
