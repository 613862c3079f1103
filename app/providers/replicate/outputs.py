"""The files in an output, which may be any JSON at all."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

MOST_OUTPUTS = 64
LONGEST_URL = 8192


def file_urls(output: Any, schemes: tuple[str, ...] = ("https://",)) -> tuple[str, ...]:
    """Every string that is wholly a URL of these schemes, in the order of the text, at most 64.

    They may be the output itself or lie anywhere in arrays and objects; the rest is data (`domain.data`). Of any host,
    since an address that we may not fetch from has to fail visibly: taken for data, it would be gone within the hour.
    """
    return tuple(islice((text for text in _strings(output) if _is_file(text, schemes)), MOST_OUTPUTS))


def _strings(output: Any) -> Iterator[str]:
    """Without recursion: an output may be deeper than our stack."""
    waiting = [output]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            waiting.extend(reversed(value))
        elif isinstance(value, Mapping):
            waiting.extend(reversed(list(value.values())))


def _is_file(text: str, schemes: tuple[str, ...]) -> bool:
    """A sentence that begins with a link is none."""
    if not text.startswith(schemes) or len(text) > LONGEST_URL:
        return False
    return text.isprintable() and " " not in text and text.partition("://")[2].strip("/") != ""
