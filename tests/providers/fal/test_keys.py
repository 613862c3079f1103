"""fal's public keys: when they are asked for, how long they are believed, and what is no key."""

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import given

from app.domain.ports import Unavailable
from app.providers.client import ApiClient
from app.providers.fal import Fal, Keys
from app.providers.fal.keys import FRESH_SECONDS, MOST_KEYS, OLDEST_SECONDS, PAUSE_SECONDS, read_keys
from tests.providers.fal.samples import JWKS, KEY, SIGNER, STRANGER, as_body, delivery, fal_of, jwk, jwks, signed
from tests.providers.skytells.values import JSON_VALUES, nested
from tests.providers.stub import ApiStub

BODY = as_body(delivery())


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(http: httpx.AsyncClient, clock: Clock) -> Keys:
    return Keys(ApiClient(http, JWKS, {}), clock=clock)


@pytest.fixture
def fal(http: httpx.AsyncClient, keys: Keys) -> Fal:
    return fal_of(http, keys=keys)


async def test_keys_are_asked_for_once_and_without_ours(fal: Fal, api: ApiStub) -> None:
    api.says(jwks(SIGNER))
    for _ in range(3):
        await fal.refresh_keys()
    [request] = api.requests
    assert (request.method, str(request.url)) == ("GET", JWKS)
    assert KEY not in str(request.headers)
    assert fal.is_authentic(signed(BODY), BODY)


async def test_deliveries_at_the_same_moment_ask_once(keys: Keys, api: ApiStub) -> None:
    api.says(jwks(SIGNER))
    await asyncio.gather(*(keys.refresh() for _ in range(20)))
    assert len(api.requests) == 1


async def test_a_rotated_key_is_learned_from_the_delivery_after_it(fal: Fal, api: ApiStub, clock: Clock) -> None:
    api.says(jwks(SIGNER))
    await fal.refresh_keys()
    api.says(jwks(STRANGER))
    clock.seconds += PAUSE_SECONDS
    await fal.refresh_keys()
    assert len(api.requests) == 1
    assert not fal.is_authentic(signed(BODY, key=STRANGER), BODY)
    await fal.refresh_keys()
    assert len(api.requests) == 2
    assert fal.is_authentic(signed(BODY, key=STRANGER), BODY)
    assert not fal.is_authentic(signed(BODY, key=SIGNER), BODY)


async def test_strangers_cannot_make_us_ask_all_the_time(fal: Fal, api: ApiStub, clock: Clock) -> None:
    api.says(jwks(SIGNER))
    await fal.refresh_keys()
    for _ in range(10):
        assert not fal.is_authentic(signed(BODY, key=STRANGER), BODY)
        await fal.refresh_keys()
    assert len(api.requests) == 1
    clock.seconds += PAUSE_SECONDS
    await fal.refresh_keys()
    assert len(api.requests) == 2


@pytest.mark.parametrize("headers", [{}, {"x-fal-webhook-signature": "00"}, signed(BODY, key=STRANGER, at=0)])
async def test_what_is_malformed_or_old_raises_no_doubt(
    fal: Fal, api: ApiStub, clock: Clock, headers: dict[str, str]
) -> None:
    api.says(jwks(SIGNER))
    await fal.refresh_keys()
    clock.seconds += PAUSE_SECONDS
    assert not fal.is_authentic(headers, BODY)
    await fal.refresh_keys()
    assert len(api.requests) == 1


async def test_old_keys_are_asked_for_anew_and_believed_until_then(fal: Fal, api: ApiStub, clock: Clock) -> None:
    api.says(jwks(SIGNER))
    await fal.refresh_keys()
    clock.seconds += FRESH_SECONDS + 1
    assert fal.is_authentic(signed(BODY), BODY)
    await fal.refresh_keys()
    assert len(api.requests) == 2


async def test_an_outage_is_outlived_for_a_day(fal: Fal, api: ApiStub, clock: Clock) -> None:
    api.says(jwks(SIGNER))
    await fal.refresh_keys()
    api.answers(httpx.ConnectError("no"))
    clock.seconds += OLDEST_SECONDS
    await fal.refresh_keys()
    assert fal.is_authentic(signed(BODY), BODY)
    clock.seconds += PAUSE_SECONDS
    with pytest.raises(Unavailable):
        await fal.refresh_keys()
    assert not fal.is_authentic(signed(BODY), BODY)


async def test_what_follows_an_outage_at_the_start_is_believed(fal: Fal, api: ApiStub, clock: Clock) -> None:
    api.answers(httpx.ReadTimeout("no"))
    with pytest.raises(Unavailable):
        await fal.refresh_keys()
    api.says(jwks(SIGNER))
    with pytest.raises(Unavailable):
        await fal.refresh_keys()
    clock.seconds += PAUSE_SECONDS
    await fal.refresh_keys()
    assert fal.is_authentic(signed(BODY), BODY)


@pytest.mark.parametrize("status", [302, 404, 429, 500, 503])
async def test_keys_of_an_answer_that_is_no_success_are_none(keys: Keys, api: ApiStub, status: int) -> None:
    api.says(jwks(SIGNER), status=status)
    with pytest.raises(Unavailable):
        await keys.refresh()


@pytest.mark.parametrize("data", [None, [], {}, {"keys": None}, {"keys": []}, {"keys": {"0": 1}}, {"keys": [None, 7]}])
async def test_an_answer_without_a_key_takes_none_away(keys: Keys, api: ApiStub, clock: Clock, data: Any) -> None:
    api.says(jwks(SIGNER))
    await keys.refresh()
    api.says(data)
    keys.doubt()
    clock.seconds += PAUSE_SECONDS
    await keys.refresh()
    assert (len(api.requests), len(keys.known())) == (2, 1)


MALFORMED: list[Any] = [
    {"kty": "RSA"},
    {"kty": "EC", "crv": "P-256"},
    {"kty": "okp"},
    {"crv": "X25519"},
    {"crv": None},
    {"x": None},
    {"x": 7},
    {"x": ""},
    {"x": "A" * 42},
    {"x": "A" * 44},
    {"x": "A" * 42 + "+"},
    {"x": "A" * 42 + "é"},
    {"x": "A" * 42 + "\n"},
    {"x": ["A" * 43]},
]


@pytest.mark.parametrize("changes", MALFORMED, ids=range(len(MALFORMED)))
def test_what_is_no_such_key_is_left_out_and_the_rest_stands(changes: dict[str, Any]) -> None:
    assert read_keys({"keys": [jwk(STRANGER, **changes), jwk(SIGNER)]}) == (SIGNER.public_key(),)


def test_a_key_may_be_padded_and_carry_more() -> None:
    padded = jwk(SIGNER)["x"] + "="
    assert read_keys({"keys": [jwk(SIGNER, x=padded, kid="1", use="sig", alg="EdDSA")]}) == (SIGNER.public_key(),)


def test_a_flood_of_keys_is_cut() -> None:
    assert len(read_keys(jwks(*[SIGNER] * 1000))) == MOST_KEYS


@given(JSON_VALUES)
def test_no_value_breaks_the_reading(value: Any) -> None:
    assert read_keys(value) == ()
    assert read_keys({"keys": value}) == ()
    assert read_keys({"keys": [value, nested(500)]}) == ()
    assert read_keys({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": value}]}) == ()
