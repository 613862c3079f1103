"""A provider's API that answers what a test tells it to, and remembers what it was asked."""

import json
from collections import deque
from collections.abc import Mapping
from typing import Any

import httpx

Answer = httpx.Response | Exception


class ApiStub:
    """Answers in the order given; the last one again and again."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self._answers: deque[Answer] = deque()

    def answers(self, *answers: Answer) -> None:
        self._answers = deque(answers)

    def says(
        self,
        data: Any = None,
        *,
        status: int = 200,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.answers(answer(data, status=status, body=body, headers=headers))

    @property
    def last(self) -> httpx.Request:
        return self.requests[-1]

    @property
    def last_body(self) -> Any:
        return json.loads(self.last.content)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        given = self._answers.popleft() if len(self._answers) > 1 else self._answers[0]
        if isinstance(given, Exception):
            raise given
        return httpx.Response(given.status_code, headers=given.headers, content=given.content)


def answer(
    data: Any = None, *, status: int = 200, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    content = json.dumps(data).encode() if body is None else body
    return httpx.Response(status, headers={"content-type": "application/json", **(headers or {})}, content=content)
