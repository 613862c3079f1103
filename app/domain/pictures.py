"""The pictures within an input: ids of uploads, data URIs and addresses, wherever they stand."""

import base64
import binascii
import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.upload import UPLOAD_ID

PROSE = ("prompt", "negative_prompt")
"""Whoever writes an id or a link into a prompt means its letters."""
PLAIN_FIELDS = ("image", "mask")
"""Under these names we promise what is taken, whatever the model's schema leaves open."""
PICTURE_FIELD = re.compile(r"(?:.+_)?(?:image|mask|picture)s?(?:_urls?)?")
DATA_URI = re.compile(r"data:(image/[a-z0-9.+-]{1,40})?(?:;[a-z0-9=.-]{1,40})*;base64,", re.IGNORECASE)


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """`field` is a path such as `input.image`."""

    field: str
    given: str = dataclasses.field(repr=False)

    @property
    def is_upload(self) -> bool:
        return UPLOAD_ID.fullmatch(self.given) is not None

    @property
    def is_data(self) -> bool:
        return self.given[:5].lower() == "data:"

    @property
    def is_address(self) -> bool:
        return self.given[:8].lower().startswith(("https://", "http://"))

    @property
    def is_plain(self) -> bool:
        return self.field.removeprefix("input.") in PLAIN_FIELDS


def pictures_of(given: Mapping[str, Any]) -> list[Picture]:
    """In the order of the input. In `image` and `mask` every text, elsewhere what can only be a picture."""
    return [picture for path, text in _texts("input", given) if _is_picture(picture := Picture(path, text))]


def upload_ids(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Sorted, each once."""
    return tuple(sorted({picture.given for picture in pictures_of(given) if picture.is_upload}))


def with_pictures(given: Mapping[str, Any], put: Mapping[str, str]) -> dict[str, Any]:
    """The input with other texts in some fields, by their paths."""
    return {name: _put(f"input.{name}", value, put) for name, value in given.items()}


def without_pictures(given: Mapping[str, Any], like: Mapping[str, Any]) -> dict[str, Any]:
    """The fields in which `like` has no picture: a provider repeats those as they were, and pictures as it got them."""
    held = {picture.field.split(".")[1] for picture in pictures_of(like)}
    return {name: value for name, value in given.items() if name not in held}


def decoded(uri: str) -> bytes | None:
    """The bytes of a data URI in base64; None if it is none."""
    head = DATA_URI.match(uri)
    if head is None:
        return None
    try:
        return base64.b64decode(uri[head.end() :], validate=True)
    except (binascii.Error, ValueError):
        return None


def data_uri(content: bytes, content_type: str) -> str:
    return f"data:{content_type};base64,{base64.b64encode(content).decode()}"


def _is_picture(found: Picture) -> bool:
    if found.is_plain or found.is_upload:
        return True
    if found.is_data:
        return found.given[5:11].lower() == "image/"
    return found.is_address and PICTURE_FIELD.fullmatch(_name(found.field)) is not None


def _name(path: str) -> str:
    """Of a field, or of the list that an item is in."""
    return next(name for name in reversed(path.split(".")) if not name.isdigit())


def _texts(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if not (path == "input" and name in PROSE):
                yield from _texts(f"{path}.{name}", inner)
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            yield from _texts(f"{path}.{position}", inner)
    elif isinstance(value, str):
        yield path, value


def _put(path: str, value: Any, put: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _put(f"{path}.{name}", inner, put) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_put(f"{path}.{position}", inner, put) for position, inner in enumerate(value)]
    return put.get(path, value)
