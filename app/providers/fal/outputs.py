"""The files in a model's output, whose shape is the model's own: `images[].url`, `video.url`, `audio_file.url`, …"""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

MOST_OUTPUTS = 64
MEDIA_HOST = "fal.media"


def file_urls(output: Any) -> tuple[str, ...]:
    """In order, each once: every object's `url`, and any other text that is an address of fal's own storage.

    The rest is data, inputs that are repeated among it, and so are files within the text (`data:`).
    """
    found: dict[str, None] = {}
    for name, text in _texts(output):
        if _is_file(name, text):
            found[text] = None
        if len(found) == MOST_OUTPUTS:
            break
    return tuple(found)


def _texts(output: Any) -> Iterator[tuple[str, str]]:
    """Every text with the name it stands under, however deep: in document order, without recursion."""
    waiting: list[tuple[str, Any]] = [("", output)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, Mapping):
            waiting += reversed(list(value.items()))
        elif isinstance(value, list):
            waiting += [("", each) for each in reversed(value)]


def _is_file(name: str, text: str) -> bool:
    if not text.isprintable() or not text.isascii():
        return False
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "http":
        return name == "url" and _is_loopback(host)
    is_media = host == MEDIA_HOST or host.endswith("." + MEDIA_HOST)
    return parts.scheme == "https" and host != "" and (is_media or name == "url")


def _is_loopback(host: str) -> bool:
    """An emulator speaks plain http."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
