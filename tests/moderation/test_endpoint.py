"""The endpoint: one request for all texts, any categories, and no verdict that it did not give."""

import asyncio
from typing import Any

import httpx
import pytest

from app.domain.errors import ModerationUnavailable
from app.domain.moderation import Verdict
from app.moderation.endpoint import LONGEST_PIECE, Endpoint
from tests.moderation.stub import Answer, Asked, judged, said

URL = "https://moderation.example/v1/moderations"


def endpoint(answer: Answer, **options: Any) -> Endpoint:
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return Endpoint(http, URL, key="mk-planted", model="omni-moderation-latest", **options)


async def test_all_texts_go_in_one_request_with_the_key_and_the_model() -> None:
    asked = Asked(judged("bad"))
    verdicts = await endpoint(asked).verdicts(["good", "bad", "good again"])
    assert [verdict.flagged for verdict in verdicts] == [False, True, False]
    (request,) = asked.requests
    assert str(request.url) == URL
    assert request.headers["authorization"] == "Bearer mk-planted"
    assert asked.bodies == [{"model": "omni-moderation-latest", "input": ["good", "bad", "good again"]}]


async def test_whatever_category_is_true_is_named() -> None:
    categories = {"sexual/minors": True, "violence": False, "invented-tomorrow": True, "Odd <Name>": True, "x": 1}
    (verdict,) = await endpoint(judged("bad", **categories)).verdicts(["bad"])
    assert verdict == Verdict(True, ("invented-tomorrow", "other", "sexual/minors"))


async def test_a_flag_without_a_category_is_a_flag() -> None:
    (verdict,) = await endpoint(judged("bad")).verdicts(["bad"])
    assert verdict == Verdict(True, ("other",))


async def test_a_long_text_is_judged_to_its_end() -> None:
    asked = Asked(judged("bad"))
    texts = ["a" * LONGEST_PIECE + "bad", "good"]
    assert [verdict.flagged for verdict in await endpoint(asked).verdicts(texts)] == [True, False]
    assert all(len(piece) <= LONGEST_PIECE for piece in asked.bodies[0]["input"])


def refuses_to_connect(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no", request=request)


TROUBLES: dict[str, Answer] = {
    "cannot be reached": refuses_to_connect,
    "does not know our key": said({"error": {"message": "mk-planted is wrong"}}, 401),
    "is overloaded": said({}, 500),
    "sends us elsewhere": said({}, 302, location="https://elsewhere.example"),
    "answers no JSON": said(b"<html>"),
    "answers JSON without end": said(b"[" * 200_000),
    "answers without results": said({"flagged": False}),
    "answers for fewer texts": said({"results": []}),
    "answers for more texts": said({"results": [{"flagged": False}] * 2}),
    "answers without a flag": said({"results": [{"categories": {}}]}),
    "answers with a word for a flag": said({"results": [{"flagged": "no"}]}),
    "answers without end": said(b" " * 5_000_000),
}


@pytest.mark.parametrize("name", TROUBLES)
async def test_without_a_verdict_nothing_passes(name: str) -> None:
    with pytest.raises(ModerationUnavailable) as refused:
        await endpoint(TROUBLES[name]).verdicts(["good"])
    assert refused.value.retry_after == 5
    assert "mk-planted" not in str(refused.value)


@pytest.mark.parametrize("name", TROUBLES)
async def test_without_a_verdict_all_passes_where_that_is_allowed(name: str) -> None:
    verdicts = await endpoint(TROUBLES[name], allow_on_trouble=True).verdicts(["good", "good"])
    assert verdicts == [Verdict(), Verdict()]


@pytest.mark.parametrize(("header", "seconds"), [("17", 17), ("100000", 60), ("0", 1), ("soon", 5), ("-1", 5)])
async def test_it_says_itself_when_to_come_again(header: str, seconds: int) -> None:
    with pytest.raises(ModerationUnavailable) as refused:
        await endpoint(said({}, 429, **{"retry-after": header})).verdicts(["good"])
    assert refused.value.retry_after == seconds


async def test_it_is_not_waited_for() -> None:
    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    http = httpx.AsyncClient(transport=httpx.MockTransport(never))
    with pytest.raises(ModerationUnavailable):
        await Endpoint(http, URL, key="k", model="m", seconds=0.05).verdicts(["good"])
