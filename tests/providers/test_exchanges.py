"""What is recorded of calls: enough to see what was said, and no secret, whatever it is and wherever it turns up."""

import base64
import html
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any, cast
from urllib.parse import quote, unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import SecretStr

from app.bootstrap.providers import providers_of
from app.domain.ports import Provider, ProviderTrouble
from app.providers.client import ApiClient, ReplyLost
from app.providers.described import as_json, as_text
from app.providers.masking import Mask
from app.settings import Settings
from app.watch.exchanges import Exchange, recorded
from tests.domain.life import new_prediction
from tests.providers.skytells import samples as skytells
from tests.providers.stability.samples import PNG, data_uri, picture, stability_of
from tests.providers.stability.samples import prediction_of as stability_prediction
from tests.providers.stub import ApiStub

LARGEST = 16_000
CALLBACK = skytells.CALLBACK
MODELS = {
    "skytells": "truefusion-pro",
    "replicate": "black-forest-labs/flux-schnell",
    "stability": "stable-image-core",
    "fal": "fal-ai/flux/dev",
}
OUR_OWN_NAMES = ("content_type",)
"""Those of a record's fields are long enough to be drawn as a secret: hypothesis reads our source for words."""
SECRETS = st.text(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./+=~!", min_size=10, max_size=60
).filter(lambda text: text not in OUR_OWN_NAMES)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts(each)
    else:
        yield str(value)


def everywhere(secret: str, padding: int) -> dict[str, Any]:
    """A body that has it in every place and form."""
    return {
        "plain": secret,
        "far": "x" * padding + secret + "y" * padding,
        "again and again": secret * 200,
        "address": f"https://user:{secret}@app.example/hook?t={quote(secret, safe='')}&a=1",
        "path": f"https://app.example/{quote(secret, safe='')}/x",
        "json": json.dumps({"a": secret}),
        "nested": [{"deeper": [{secret: f"Bearer {secret}"}]}],
        "number": int("".join(each for each in secret if each.isdecimal())[:15] or 0),
        "picture": f"data:{secret};base64,{secret * 50}",
    }


def settings_with(secrets: dict[str, str]) -> Settings:
    """With these in the place of all secrets that there are."""
    named = {name: SecretStr(secrets[name]) for name in secrets}
    return Settings(_env_file=None, environment="test").model_copy(update=named)


NAMES = sorted(
    name for name, field in Settings.model_fields.items() if field.annotation is SecretStr and "database" not in name
)


async def said_by(provider: Provider, token: str, **more: Any) -> list[Exchange]:
    """Of a create, a look and a cancel, whatever came of them."""
    prediction = replace(
        new_prediction(), provider=provider.name, model=MODELS[provider.name], input={"prompt": "a fox", **more}
    )
    said: list[Exchange] = []
    callback = f"https://app.example/api/webhooks/{provider.name}?t={token}"
    with recorded(said, "create", token):
        for call in (
            provider.create(prediction, callback),
            provider.fetch("p-1", prediction.model),
            provider.cancel("p-1", prediction.model),
        ):
            with suppress(ProviderTrouble):
                await call
    return said


@hypothesis_settings(max_examples=40, deadline=None)
@given(
    drawn=st.lists(SECRETS, min_size=len(NAMES) + 1, max_size=len(NAMES) + 1, unique=True),
    padding=st.integers(1_800, 2_100),
    form=st.sampled_from(["json", "text", "page"]),
)
async def test_no_secret_of_any_settings_is_in_a_recorded_exchange(drawn: list[str], padding: int, form: str) -> None:
    *values, token = drawn
    secrets = dict(zip(NAMES, values, strict=True))
    secrets["replicate_webhook_secret"] = "whsec_" + base64.b64encode(values[0].encode()).decode()
    told = {str(number): everywhere(secret, padding) for number, secret in enumerate([*secrets.values(), token])}
    api = ApiStub()
    body = json.dumps(told).encode()
    shown = {"json": body, "text": "\n".join(texts(told)).encode(), "page": html.escape(body.decode()).encode()}
    headers = {"x-request-token": token, "set-cookie": f"session={token}", "x-trace": f"{values[1]}/{token}"}
    api.says(body=shown[form], headers=headers)
    async with httpx.AsyncClient(transport=httpx.MockTransport(api), trust_env=False) as http:
        providers = providers_of(settings_with(secrets), http, http)
        for name in MODELS:
            said = await said_by(providers[name], token, note=told, **{values[2]: values[3]})
            assert said
            found = [form for each in said for text in texts(asdict(each)) for form in (text, unquote(text))]
            assert not [secret for secret in (*secrets.values(), token) for text in found if secret in text]


@pytest.mark.parametrize("before", range(1_885, 1_950, 3))
def test_no_half_of_a_secret_stays_at_a_cut(before: int) -> None:
    secret = "very-private-and-rather-long"
    (told,) = as_json(Mask([secret]), [secret * 3 + "x" * before + secret + "y" * 500], 1)["body"]
    assert "… (" in told and "very" not in told


def test_a_small_body_is_told_as_it_is() -> None:
    body = {"b": [1, 0.5, None, True, "é\n"], "a": {"tokens": 7, "page": "https://x.example/?a=1&b=2"}}
    told = as_json(Mask(["a secret of ours"]), body, 1)["body"]
    assert json.dumps(told) == json.dumps(body), "in the order in which it was said"


def test_what_the_database_does_not_hold_is_replaced() -> None:
    told = as_json(Mask(), {"a\0": "\ud800", "b": [float("nan"), float("inf")]}, 1)["body"]
    assert told == {"a\ufffd": "?", "b": ["nan", "inf"]}


@pytest.mark.parametrize(
    "value",
    [
        "x" * 10**6,
        "\U0001f98a" * 10**5,
        ["\U0001f98a" * 3_000] * 1_000,
        list(range(10**6)),
        {f"{number}": "é" * 50 for number in range(10**4)},
        {"é" * 5_000: {"é" * 5_000: ["é" * 5_000] * 9}},
    ],
    ids=["text", "foxes", "texts", "numbers", "names", "long names"],
)
def test_of_a_large_body_no_more_than_16_kb_are_kept(value: Any) -> None:
    assert len(json.dumps(as_json(Mask(["a secret of ours"]), value, 1)["body"])) <= LARGEST
    content = json.dumps(value, ensure_ascii=False).encode()
    assert len(json.dumps(as_text(Mask(["a secret of ours"]), content)["body"])) <= LARGEST


def test_a_body_that_is_very_deep_ends() -> None:
    deep: Any = "bottom"
    for _ in range(900):
        deep = [deep]
    assert "bottom" not in json.dumps(as_json(Mask(), deep, 1)["body"])


async def test_pictures_are_told_by_type_and_size(api: ApiStub, http: httpx.AsyncClient) -> None:
    api.answers(picture())
    said: list[Exchange] = []
    with recorded(said, "create"):
        await stability_of(http).create(stability_prediction("inpaint", image=data_uri()), CALLBACK)
    (exchange,) = said
    parts = {part["name"]: part for part in exchange.request["parts"]}
    assert parts["prompt"] == {"name": "prompt", "content_type": None, "bytes": 18, "text": "a very private fox"}
    assert parts["image"] == {"name": "image", "content_type": "image/png", "bytes": len(PNG)}
    assert exchange.answer is not None
    assert (exchange.answer["content_type"], exchange.answer["bytes"]) == ("image/png", len(PNG))
    assert exchange.answer["body"] is None
    assert exchange.request["headers"]["authorization"] == "Bearer ••••"


async def test_data_uris_are_told_by_their_length(api: ApiStub, http: httpx.AsyncClient) -> None:
    api.says({"status": "pending"})
    said: list[Exchange] = []
    client = ApiClient(http, "https://api.example", {})
    with recorded(said, "create"):
        await client.call("POST", "/predictions", json={"input": {"image": "data:image/png;base64," + "A" * 5_000}})
    assert said[0].request["body"] == {"input": {"image": "data:image/png;base64,… (5,022 characters)"}}


async def test_a_long_key_shows_its_end_and_a_short_one_nothing(api: ApiStub, http: httpx.AsyncClient) -> None:
    api.says({})
    said: list[Exchange] = []
    headers = {"authorization": "Bearer sk-live-0123456789abcdef", "x-api-key": "short-secret"}
    with recorded(said, "look"):
        await ApiClient(http, "https://api.example", headers).call("GET", "/x")
    shown = said[0].request["headers"]
    assert (shown["authorization"], shown["x-api-key"]) == ("Bearer ••••cdef", "••••")


async def test_a_lost_reply_is_recorded_with_its_trouble(api: ApiStub, http: httpx.AsyncClient) -> None:
    api.answers(httpx.ReadTimeout("too slow"))
    said: list[Exchange] = []
    with recorded(said, "create"), suppress(ReplyLost):
        await ApiClient(http, "https://api.example", {}).call("POST", "/x", json={"a": 1})
    (exchange,) = said
    assert (exchange.trouble, exchange.status, exchange.answer) == ("ReadTimeout", None, None)
    assert exchange.request["body"] == {"a": 1}


async def test_what_cannot_be_described_is_said_all_the_same(api: ApiStub, http: httpx.AsyncClient) -> None:
    api.says({"id": "p-1"})
    said: list[Exchange] = []
    with recorded(said, "create", cast(str, 7)):  # no secret that could be looked for
        reply = await ApiClient(http, "https://api.example", {}).call("POST", "/x", json={})
    assert (reply.data, said) == ({"id": "p-1"}, [])


async def test_without_a_recording_nobody_describes_anything(api: ApiStub, http: httpx.AsyncClient) -> None:
    api.says({})
    said: list[Exchange] = []
    client = ApiClient(http, "https://api.example", {})
    await client.call("GET", "/before")
    with recorded(said, "look"):
        await client.call("GET", "/meanwhile")
    await client.call("GET", "/after")
    assert [exchange.url for exchange in said] == ["https://api.example/meanwhile"]
    assert "meanwhile" not in repr(said)
