"""One prediction from the outside: asked for, waited for, printed."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx

from scripts.dev.refusals import GaveUp

FINAL = ("succeeded", "failed", "canceled")
LONGEST_HOLD = 60
PAUSE = 0.5
MODEL = "truefusion-pro"
NEEDS_A_KEY = """Darkroom asks for a key here (ENVIRONMENT is strict, or AUTH_REQUIRED is set).
Make one with `.venv/bin/darkroom keys create` while ./scripts/up runs, and give it as DARKROOM_API_KEY."""

Prediction = dict[str, Any]


class Demo:
    """Tries again what did not get through; the idempotency key keeps that from buying twice."""

    def __init__(self, client: httpx.AsyncClient, say: Callable[[str], None], seconds: float) -> None:
        self._client = client
        self._say = say
        self._deadline = time.monotonic() + seconds
        self._seconds = seconds
        self._validator = ""

    async def run(self, prompt: str) -> Prediction:
        """The prediction, final. Raises GaveUp when there is none in time."""
        self._say(f"asking for {prompt!r} from {MODEL}")
        prediction = await self._create(prompt)
        seen = ""
        while True:
            now = f"{prediction['status']}, {prediction.get('stage')}"
            if now != seen:
                seen = now
                self._say(f"prediction {prediction['id']}: {now}")
            if prediction["status"] in FINAL:
                return prediction
            if self._left() <= 0:
                raise GaveUp(f"the prediction was not final after {self._seconds:.0f} s, but {now}")
            prediction = await self._look(prediction)

    async def _create(self, prompt: str) -> Prediction:
        body = {"model": MODEL, "input": {"prompt": prompt}}
        headers = {"prefer": f"wait={self._hold()}", "idempotency-key": str(uuid.uuid4())}
        return await self._ask("POST", "/api/predictions", json=body, headers=headers)

    async def _look(self, prediction: Prediction) -> Prediction:
        headers = {"if-none-match": self._validator} if self._validator else {}
        found = await self._ask(
            "GET", f"/api/predictions/{prediction['id']}", params={"wait": self._hold()}, headers=headers
        )
        return found or prediction

    async def _ask(self, method: str, path: str, **request: Any) -> Prediction:
        """The JSON that came, empty for a 304."""
        while True:
            try:
                answer = await self._client.request(method, path, **request, timeout=self._hold() + 10)
            except httpx.HTTPError as error:
                trouble, pause = f"{type(error).__name__} from {method} {path}", PAUSE
            else:
                self._validator = answer.headers.get("etag", "")
                if answer.status_code in (200, 201, 202):
                    return dict(answer.json())
                if answer.status_code == 304:
                    return {}
                trouble, pause = _refusal(answer), _pause(answer)
                if answer.status_code not in (429, 502, 503, 504):
                    raise GaveUp(trouble)
            if self._left() <= pause:
                raise GaveUp(f"no prediction within {self._seconds:.0f} s: {trouble}")
            self._say(f"{trouble}; trying again")
            await asyncio.sleep(pause)

    def _left(self) -> float:
        return self._deadline - time.monotonic()

    def _hold(self) -> int:
        return max(1, min(LONGEST_HOLD, int(self._left())))


def reason_of(prediction: Prediction) -> str | None:
    """Why it did not succeed; None when it did."""
    if prediction["status"] == "succeeded":
        return None
    error = prediction.get("error") or {}
    return f"the prediction is {prediction['status']}: {error.get('code', '')} {error.get('message', '')}".rstrip(": ")


def _refusal(answer: httpx.Response) -> str:
    if answer.status_code == 401:
        return NEEDS_A_KEY
    try:
        problem = answer.json()
        return f"{answer.status_code} {problem['code']}: {problem.get('detail') or problem.get('title')}"
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code}: {json.dumps(answer.text[:300])}"


def _pause(answer: httpx.Response) -> float:
    after = answer.headers.get("retry-after", "")
    return float(after) if after.isdecimal() else PAUSE
