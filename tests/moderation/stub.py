"""An endpoint that answers as it is told, and remembers what it was asked."""

import json
from collections.abc import Callable
from typing import Any

import httpx

Answer = Callable[[httpx.Request], httpx.Response]


def judged(*flagged: str, **categories: Any) -> Answer:
    """Flags the texts that contain one of the words, under these categories."""

    def answer(request: httpx.Request) -> httpx.Response:
        texts = json.loads(request.content)["input"]
        hits = [any(word in text for word in flagged) for text in texts]
        results = [{"flagged": hit, "categories": categories if hit else {}} for hit in hits]
        return httpx.Response(200, json={"id": "modr-1", "model": "any", "results": results})

    return answer


def said(body: Any, status: int = 200, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: httpx.Response(status, content=content, headers=headers)


class Asked:
    def __init__(self, answer: Answer) -> None:
        self.requests: list[httpx.Request] = []
        self._answer = answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answer(request)

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.requests]
