"""A create's body: multipart always, also for text alone; pictures as binary parts, out of their data URIs."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from app.domain.ports import ProviderRefused
from app.domain.prediction import Failure, FailureCode
from app.providers.stability.offers import Offer

LARGEST_REQUEST_BYTES = 10 * 2**20
BESIDES_PICTURES_BYTES = 64 * 2**10
"""Kept free for the parts' own heads and the texts that are not counted in bytes here."""
_DATA = re.compile(r"data:(?P<type>[\w.+-]+/[\w.+-]+)?(?:;[\w.+-]+=[^;,]*)*(?P<base64>;base64)?,", re.IGNORECASE)

Part = tuple[str | None, str | bytes] | tuple[str | None, str | bytes, str]


def parts_of(offer: Offer, given: Mapping[str, Any]) -> dict[str, Part]:
    """By field. Raises ProviderRefused for what the provider would not take."""
    fixed = dict(offer.sends) | (dict(offer.sends_with_image) if given.get("image") is not None else {})
    named = {name: value for name, value in given.items() if value is not None} | fixed
    parts = {name: _part(name, value, is_picture=name in offer.pictures) for name, value in named.items()}
    if sum(len(part[1]) for part in parts.values()) > LARGEST_REQUEST_BYTES - BESIDES_PICTURES_BYTES:
        raise _refused("The provider takes 10 MiB at most, all pictures of a request together.", "payload_too_large")
    return parts


def _part(name: str, value: Any, *, is_picture: bool) -> Part:
    if not is_picture:
        return None, _text(value)
    content, kind = _decoded(name, value)
    return name, content, kind


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)


def _decoded(name: str, value: Any) -> tuple[bytes, str]:
    found = _DATA.match(value) if isinstance(value, str) else None
    if found is None:
        raise _refused(f"`{name}` must be a picture: an upload's id, an https URL or a data URI.")
    try:
        content = unquote_to_bytes(value[found.end() :])
        if found["base64"]:
            content = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _refused(f"`{name}` is a data URI that cannot be read.") from error
    return content, found["type"] or "application/octet-stream"


def _refused(sentence: str, code: str | None = None) -> ProviderRefused:
    return ProviderRefused(Failure(FailureCode.REJECTED, sentence, code))
