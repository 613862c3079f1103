"""An endpoint that speaks OpenAI's moderation dialect: `{"model", "input": [texts]}` → `{"results": [{"flagged",
"categories": {name: bool}}]}`. Categories are open-ended; whatever is true is named."""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx
import structlog

from app.domain.errors import ModerationUnavailable
from app.domain.moderation import Verdict

ANSWER_SECONDS = 5.0
LARGEST_ANSWER_BYTES = 4 * 2**20
LONGEST_PIECE = 20_000
LONGEST_PAUSE = timedelta(minutes=1)
CATEGORY = re.compile(r"[a-z0-9][a-z0-9/_-]{0,63}")

log = structlog.get_logger()


class Endpoint:
    """The texts leave the house; nothing else does, and the key goes to this one address, since no redirect is
    followed."""

    is_far = True

    def __init__(
        self,
        http: httpx.AsyncClient,
        url: str,
        *,
        key: str,
        model: str,
        allow_on_trouble: bool = False,
        seconds: float = ANSWER_SECONDS,
    ) -> None:
        """`allow_on_trouble`: whether what cannot be judged in `seconds` passes."""
        self._http = http
        self._url = url
        self._headers = {"authorization": f"Bearer {key}", "accept": "application/json"}
        self._model = model
        self._allow_on_trouble = allow_on_trouble
        self._seconds = seconds

    async def verdicts(self, texts: Sequence[str]) -> list[Verdict]:
        """Raises ModerationUnavailable unless trouble is allowed to pass."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._asked(texts)
        except _NoVerdict as trouble:
            return self._without_verdict(texts, str(trouble), trouble.retry_after)
        except (httpx.HTTPError, TimeoutError) as error:
            return self._without_verdict(texts, type(error).__name__, None)

    def _without_verdict(self, texts: Sequence[str], reason: str, retry_after: int | None) -> list[Verdict]:
        log.warning("moderation gave no verdict", reason=reason, passed=self._allow_on_trouble)
        if self._allow_on_trouble:
            return [Verdict()] * len(texts)
        raise ModerationUnavailable("The input could not be moderated just now.", retry_after=retry_after or 5)

    async def _asked(self, texts: Sequence[str]) -> list[Verdict]:
        pieces = [(number, piece) for number, text in enumerate(texts) for piece in _pieces(text)]
        results = await self._results([piece for _, piece in pieces])
        if len(results) != len(pieces):
            raise _NoVerdict("results do not match the texts")
        found: list[Verdict] = [Verdict()] * len(texts)
        for (number, _), result in zip(pieces, results, strict=True):
            found[number] = found[number] if found[number].flagged else _verdict(result)
        return found

    async def _results(self, pieces: Sequence[str]) -> list[Any]:
        body = {"model": self._model, "input": list(pieces)}
        async with self._http.stream(
            "POST", self._url, json=body, headers=self._headers, follow_redirects=False
        ) as answer:
            if answer.status_code != 200:
                raise _NoVerdict(f"answered {answer.status_code}", _pause(answer.headers.get("retry-after")))
            read = bytearray()
            async for part in answer.aiter_bytes():
                read += part
                if len(read) > LARGEST_ANSWER_BYTES:
                    raise _NoVerdict("answer too large")
        return _listed(read)


class _NoVerdict(Exception):
    def __init__(self, reason: str, retry_after: int | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


def _pieces(text: str) -> list[str]:
    """All of it, in lengths that such endpoints take."""
    return [text[start : start + LONGEST_PIECE] for start in range(0, len(text), LONGEST_PIECE)]


def _listed(body: bytearray) -> list[Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise _NoVerdict("answer is no JSON") from None
    results = data.get("results") if isinstance(data, Mapping) else None
    if not isinstance(results, list):
        raise _NoVerdict("answer has no results")
    return results


def _verdict(result: Any) -> Verdict:
    """A result without `flagged` is no verdict. Odd names of categories are told as `other`."""
    if not isinstance(result, Mapping) or not isinstance(result.get("flagged"), bool):
        raise _NoVerdict("a result tells no verdict")
    if not result["flagged"]:
        return Verdict()
    categories = result.get("categories")
    named = [name for name, is_so in categories.items() if is_so is True] if isinstance(categories, Mapping) else []
    safe = {name if CATEGORY.fullmatch(name) else "other" for name in map(str, named)}
    return Verdict(True, tuple(sorted(safe)) or ("other",))


def _pause(value: str | None) -> int | None:
    if value is None or not value.isascii() or not value.isdigit() or len(value) > 9:
        return None
    return min(max(int(value), 1), int(LONGEST_PAUSE.total_seconds()))
