"""Calls, described for whoever records them (`watch.exchanges`). What goes wrong here never reaches the call itself."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import httpx
import structlog

from app.providers.described import LONGEST_URL, as_json, as_parts, as_text, cut, message
from app.providers.masking import Mask
from app.watch import exchanges
from app.watch.exchanges import Exchange, Recording

log = structlog.get_logger()


@dataclass(slots=True)
class Heard:
    """One call as far as it got. `options` are httpx's, of which `json` and `files` are shown; `data` is the answer's
    JSON value, if it is one."""

    method: str
    url: str = field(repr=False)
    options: Mapping[str, Any] = field(repr=False)
    began: float = field(default_factory=monotonic)
    request: httpx.Request | None = field(default=None, repr=False)
    answer: httpx.Response | None = field(default=None, repr=False)
    content: bytes = field(default=b"", repr=False)
    data: Any = field(default=None, repr=False)
    trouble: str | None = None


@contextmanager
def overheard(mask: Mask, method: str, url: str, options: Mapping[str, Any]) -> Iterator[Heard]:
    """For one call."""
    heard, recording = Heard(method, url, options), exchanges.current()
    try:
        yield heard
    except BaseException as error:
        heard.trouble = str(error) or type(error).__name__
        raise
    finally:
        if recording is not None:
            _record(recording, mask, heard)


def _record(recording: Recording, mask: Mask, heard: Heard) -> None:
    try:
        recording.said.append(_exchange(recording, Mask(recording.hidden, beside=mask), heard))
    except Exception as error:
        log.warning("exchange not recorded", reason=type(error).__name__)


def _exchange(recording: Recording, mask: Mask, heard: Heard) -> Exchange:
    url = str(heard.request.url) if heard.request else heard.url
    return Exchange(
        purpose=recording.purpose,
        method=heard.method,
        url=cut(mask, url, LONGEST_URL),
        request=_request(mask, heard),
        status=heard.answer.status_code if heard.answer else None,
        answer=_answer(mask, heard, heard.answer) if heard.answer else None,
        trouble=cut(mask, heard.trouble, LONGEST_URL) if heard.trouble else None,
        seconds=round(monotonic() - heard.began, 3),
        began=heard.began,
    )


def _request(mask: Mask, heard: Heard) -> dict[str, Any]:
    headers = heard.request.headers if heard.request else httpx.Headers()
    length = headers.get("content-length", "")
    size = int(length) if length.isdecimal() else 0
    if heard.options.get("json") is not None:
        return message(mask, headers, **as_json(mask, heard.options["json"], size))
    if heard.options.get("files"):
        return message(mask, headers, **as_parts(mask, heard.options["files"], size))
    return message(mask, headers, bytes=size, body=None)


def _answer(mask: Mask, heard: Heard, answer: httpx.Response) -> dict[str, Any]:
    if heard.data is not None:
        return message(mask, answer.headers, **as_json(mask, heard.data, len(heard.content)))
    return message(mask, answer.headers, **as_text(mask, heard.content))
