"""One careful client: creates with a key and few retries, polls, fetches its outputs and hashes them."""

import asyncio
import hashlib
import random
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from scripts.faultrun.history import FINAL, Answer, Fetched, Story
from scripts.faultrun.plants import Plants

MOST_RETRIES = 3
PAUSES = (0.3, 0.8, 2.0)
LONGEST_PAUSE = 3.0
CREATE_SECONDS, READ_SECONDS, FILE_SECONDS = 5.0, 8.0, 10.0
NO_ANSWER = (httpx.HTTPError, TimeoutError, AttributeError)
"""The last is anyio's, where a peer was killed between its accepting and our first look at the socket."""


@dataclass(frozen=True, slots=True)
class Client:
    """`webs` are tried in turn; the one who answers next is another than the one who just did not."""

    webs: tuple[str, ...]
    key: str
    owner: str
    plants: Plants
    http: httpx.AsyncClient
    dice: random.Random

    async def create(self, story: Story, body: dict[str, Any]) -> bool:
        """True once it was answered 201. After three retries a client gives up, and at once if there is no money."""
        story.ordered_at = story.ordered_at or time.time()
        first = self.dice.randrange(len(self.webs))
        for attempt in range(MOST_RETRIES + 1):
            story.tries += 1
            answer = await self._order(story, body, self.webs[(first + attempt) % len(self.webs)])
            if answer.status == 201:
                story.settled_at = story.settled_at or time.time()
                return True
            if answer.is_refusal or (400 <= answer.status < 500 and answer.status != 429):
                break
            if attempt < MOST_RETRIES:
                await asyncio.sleep(self._pause(attempt, answer.retry_after))
        story.settled_at = story.settled_at or time.time()
        return False

    async def hang_up(self, story: Story, body: dict[str, Any]) -> None:
        """Order and leave before the answer, as impatient people do."""
        try:
            async with asyncio.timeout(self.dice.uniform(0.001, 0.03)):
                await self._order(story, body, self.dice.choice(self.webs))
        except TimeoutError:
            story.answers.append(Answer("hang up", time.time(), 0, trouble="we left"))

    async def follow(self, story: Story, until: asyncio.Event) -> None:
        """Poll until it is final and its outputs are here, or until `until`."""
        etag = ""
        while not until.is_set():
            view, etag, pause = await self.read(story, story.ids[0], etag)
            if view is not None and view["status"] in FINAL:
                story.final, story.file_count = view["status"], len(view["files"])
                story.error = (view.get("error") or {}).get("code", "")
                await self._fetch_all(story, view, until)
                return
            await asyncio.sleep(pause)

    async def read(self, story: Story, prediction_id: str, etag: str = "") -> tuple[dict[str, Any] | None, str, float]:
        """The view (None where it is unchanged or was not answered), the next ETag, and when to ask again."""
        wait = "?wait=3" if self.dice.random() < 0.4 else ""
        headers = self._headers() | ({"if-none-match": etag} if etag else {})
        url = f"{self.dice.choice(self.webs)}/api/predictions/{prediction_id}{wait}"
        answer, reply = await self._ask(story, "read", "GET", url, READ_SECONDS, headers=headers)
        pause = self._pause(0, answer.retry_after)
        if reply is None or reply.status_code != 200:
            return None, etag if answer.status in (0, 304) else "", pause
        view: dict[str, Any] = reply.json()
        answer.id, answer.state = view["id"], view["status"]
        return view, reply.headers.get("etag", ""), pause

    async def _order(self, story: Story, body: dict[str, Any], web: str) -> Answer:
        headers = self._headers() | {"idempotency-key": story.key}
        url = f"{web}/api/predictions"
        answer, reply = await self._ask(story, "create", "POST", url, CREATE_SECONDS, headers=headers, json=body)
        if reply is not None and reply.status_code == 201:
            view = reply.json()
            answer.id, answer.state = view["id"], view["status"]
            if view["id"] not in story.ids:
                story.ids.append(view["id"])
        return answer

    async def _fetch_all(self, story: Story, view: dict[str, Any], until: asyncio.Event) -> None:
        stored = [file for file in view["files"] if file["url"]]
        owed = stored
        while owed and not until.is_set():
            owed = [file for file in owed if not await self._fetch(story, file)]
            if owed:
                await asyncio.sleep(0.5)

    async def _fetch(self, story: Story, file: dict[str, Any]) -> bool:
        """False to try again. The link's host is another process's affair: its path is asked of a web."""
        url = self.dice.choice(self.webs) + urlsplit(file["url"]).path
        answer, reply = await self._ask(story, "file", "GET", url, FILE_SECONDS)
        if reply is None or reply.status_code != 200:
            return answer.status not in (0, 500, 502, 503)
        digest = hashlib.sha256(reply.content).hexdigest()
        story.fetched.append(Fetched(file["url"], digest, len(reply.content), file["sha256"], file["bytes"]))
        return True

    async def _ask(
        self, story: Story, what: str, method: str, url: str, seconds: float, **options: Any
    ) -> tuple[Answer, httpx.Response | None]:
        answer = Answer(what, time.time(), 0, asked_at=time.time())
        story.answers.append(answer)
        try:
            async with asyncio.timeout(seconds):
                reply = await self.http.request(method, url, timeout=seconds, **options)
        except NO_ANSWER as trouble:
            answer.trouble = type(trouble).__name__
            return answer, None
        answer.at, answer.status, answer.retry_after = time.time(), reply.status_code, reply.headers.get("retry-after")
        if what != "file":
            seen = self.plants.found_in_answer(reply.content, is_create=what == "create", owner=self.owner)
            answer.trouble = f"shows {', '.join(seen)}" if seen else ""
        answer.code = _problem_code(reply)
        if reply.status_code >= 500:
            answer.trouble = answer.trouble or reply.text[:200]
        return answer, reply

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"}

    def _pause(self, attempt: int, retry_after: str | None) -> float:
        told = float(retry_after) if retry_after and retry_after.isdigit() else 0.0
        return min(LONGEST_PAUSE, max(told, PAUSES[attempt])) * self.dice.uniform(0.8, 1.2)


def _problem_code(reply: httpx.Response) -> str:
    """Empty where the answer is no problem document."""
    if reply.headers.get("content-type") != "application/problem+json":
        return ""
    with suppress(ValueError, AttributeError):
        return str(reply.json().get("code", ""))
    return ""
