"""PyPI `replicate` 1.0.7, as it is published: it judges our stand-in for its API, and our verifier."""

import string
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from replicate.client import Client
from replicate.exceptions import ReplicateError
from replicate.webhook import InvalidSignatureError, Webhooks, WebhookSigningSecret

from app.domain.standard_webhooks import is_signed, key_of
from tests.providers.replicate.samples import KEY, SECRET, VERSION, signed
from tests.providers.replicate.server import ReplicateServer

KEYS = [key_of(SECRET)]
ORDER: dict[str, Any] = {
    "input": {"prompt": "a tin robot"},
    "webhook": "https://app.example/api/webhooks/replicate?t=x",
    "webhook_events_filter": ["start", "completed"],
}


@pytest.fixture
def server() -> Iterator[ReplicateServer]:
    running = ReplicateServer()
    yield running
    running.close()


@pytest.fixture
def client(server: ReplicateServer) -> Iterator[Client]:
    opened = Client(api_token=KEY, base_url=server.base.removesuffix("/v1"), trust_env=False)
    yield opened
    opened._client.close()


def test_its_creates_are_of_the_same_form_as_ours(client: Client, server: ReplicateServer) -> None:
    bought = client.models.predictions.create("acme/painter", wait=False, **ORDER)
    pinned = client.predictions.create(version=VERSION, wait=False, **ORDER)
    assert [asked.path for asked in server.asked] == ["/v1/models/acme/painter/predictions", "/v1/predictions"]
    assert server.asked[0].json == ORDER
    assert server.asked[1].json == ORDER | {"version": VERSION}
    assert (bought.status, pinned.version) == ("starting", VERSION)


def test_it_reads_cancels_and_pages(client: Client, server: ReplicateServer) -> None:
    for _ in range(150):
        server.add()
    first = client.predictions.list()
    assert len(first.results) == 100
    assert first.next is not None
    rest = client.predictions.list(first.next)
    assert len({each.id for each in (*first.results, *rest.results)}) == 150
    found = client.predictions.get(first.results[0].id)
    found.cancel()
    assert client.predictions.get(found.id).status == "canceled"


def test_it_reads_the_shape_of_an_error(client: Client) -> None:
    with pytest.raises(ReplicateError) as refused:
        client.predictions.get("never-seen")
    assert refused.value.status == 404


WORDS = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=40)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)


@given(WORDS, st.integers(0, 4_000_000_000), TEXTS, st.data())
@hypothesis_settings(max_examples=300, deadline=None)
def test_its_verifier_and_ours_agree(webhook_id: str, seconds: int, text: str, data: st.DataObject) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    headers = signed(text.encode(), at=at, webhook_id=webhook_id)
    assert _is_believed_there(headers, text)
    assert is_signed(headers, text.encode(), KEYS, at)
    other = data.draw(TEXTS.filter(lambda drawn: drawn != text))
    assert not _is_believed_there(headers, other)
    assert not is_signed(headers, other.encode(), KEYS, at)


def _is_believed_there(headers: dict[str, str], body: str) -> bool:
    try:
        Webhooks.validate(headers=headers, body=body, secret=WebhookSigningSecret(key=SECRET))
    except InvalidSignatureError:
        return False
    return True
