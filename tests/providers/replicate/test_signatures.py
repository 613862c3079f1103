"""Standard Webhooks: the published vector, the scheme's own library as the judge, and everything that must not pass."""

import base64
import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from app.domain.standard_webhooks import TOLERANCE, UnusableSecret, is_signed, key_of, sign
from app.providers.replicate import Replicate
from tests.providers.replicate.samples import NOW, SECRET, replicate_of, signed

PUBLISHED = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
AT = datetime.fromtimestamp(1_700_000_000, UTC)
BODY = b'{"id":"p1"}'
VECTOR = {
    "webhook-id": "msg_1",
    "webhook-timestamp": "1700000000",
    "webhook-signature": "v1,e5QxBq96xsQ7Kzr6+kTKG3cEfDfSgALH+ZvX5qHP2Pw=",
}
KEYS = [key_of(PUBLISHED)]


def is_vector(changes: dict[str, str], *, body: bytes = BODY, now: datetime = AT) -> bool:
    return is_signed(VECTOR | changes, body, KEYS, now)


def test_the_published_vector_is_made_and_believed() -> None:
    assert sign(KEYS[0], "msg_1", "1700000000", BODY) == VECTOR["webhook-signature"]
    assert is_vector({})


@pytest.mark.parametrize("name", VECTOR)
@pytest.mark.parametrize("value", [None, "", " ", "x", "\0", "é", "\ud800", "1700000000.0", "v1,", "v1"])
def test_a_header_that_is_missing_or_spoilt_is_not_believed(name: str, value: str | None) -> None:
    headers = {key: text for key, text in VECTOR.items() if key != name} | ({} if value is None else {name: value})
    assert not is_signed(headers, BODY, KEYS, AT)


@pytest.mark.parametrize(
    ("seconds", "believed"), [(0, True), (300, True), (-300, True), (301, False), (-301, False), (86_400, False)]
)
def test_a_delivery_is_believed_for_five_minutes_either_way(seconds: int, believed: bool) -> None:
    assert is_vector({}, now=AT + timedelta(seconds=seconds)) is believed


@pytest.mark.parametrize(
    "timestamp", ["1_700_000_000", "+1700000000", " 1700000000", "1.7e9", "nan", "inf", "١٧٠٠٠٠٠٠٠٠", "9" * 400]
)
def test_a_timestamp_is_written_in_plain_digits(timestamp: str) -> None:
    assert not is_vector({"webhook-timestamp": timestamp})


TRUE = VECTOR["webhook-signature"]
OTHER = sign(b"another key", "msg_1", "1700000000", BODY)


@pytest.mark.parametrize(
    ("signatures", "believed"),
    [
        (f"{OTHER} {TRUE}", True),
        (f"{TRUE} {OTHER}", True),
        (f"v1a,AAAA {TRUE}", True),
        (f"nonsense,with,commas {TRUE} é", True),
        (f" {TRUE}  ", True),
        (OTHER, False),
        (TRUE.replace("v1,", "v1a,"), False),
        (TRUE.replace("v1,", "v2,"), False),
        (TRUE.removeprefix("v1,"), False),
        (TRUE.rstrip("="), False),
        (TRUE + "=", False),
        (TRUE.lower(), False),
        (TRUE.replace(" ", ",") + ",x", False),
        (" ".join([OTHER] * 500), False),
    ],
)
def test_any_one_of_several_signatures_will_do_and_unknown_ones_are_passed_over(
    signatures: str, believed: bool
) -> None:
    assert is_vector({"webhook-signature": signatures}) is believed


def test_an_id_with_a_dot_could_move_what_is_signed_and_is_not_believed() -> None:
    moved = {"webhook-id": "msg.1", "webhook-signature": sign(KEYS[0], "msg.1", "1700000000", BODY)}
    assert not is_vector(moved)


def test_while_secrets_are_rotated_each_of_them_is_believed(http: httpx.AsyncClient) -> None:
    new, old, older = (
        "whsec_" + base64.b64encode(text.encode()).decode() for text in ("new-key", "old-key", "older-key")
    )
    rotated = replicate_of(http, secrets=(new, old))
    for secret, believed in ((new, True), (old, True), (older, False)):
        assert rotated.is_authentic(signed(BODY, secret=secret), BODY) is believed


def test_without_a_secret_nothing_is_authentic(http: httpx.AsyncClient) -> None:
    assert not replicate_of(http, secrets=()).is_authentic(signed(BODY), BODY)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_===", "whsec_not base64", "whsec_ä", "very-private!"])
def test_a_secret_that_is_none_is_refused_at_the_start_and_not_shown(http: httpx.AsyncClient, secret: str) -> None:
    with pytest.raises(UnusableSecret) as caught:
        replicate_of(http, secrets=(secret,))
    assert "private" not in str(caught.value)


@pytest.mark.parametrize("secret", [PUBLISHED, PUBLISHED.removeprefix("whsec_"), f" {PUBLISHED}\n"])
def test_a_secret_may_come_without_its_prefix_or_with_blanks_around_it(secret: str) -> None:
    assert key_of(secret) == KEYS[0]


@pytest.mark.parametrize("length", [1, 24, 25, 26, 64])
def test_a_secret_may_come_without_its_padding(length: int) -> None:
    key = bytes(range(length))
    assert key_of("whsec_" + base64.b64encode(key).decode().rstrip("=")) == key


def test_header_names_in_any_case_are_found_where_the_mapping_does_not_care(replicate: Replicate) -> None:
    headers = httpx.Headers({name.title(): value for name, value in signed(BODY).items()})
    assert replicate.is_authentic(headers, BODY)


IDS = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=40)
BODIES = st.text(st.characters(exclude_categories=["Cs"]), max_size=200).map(str.encode)
TIMES = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(key=st.binary(min_size=24, max_size=64), webhook_id=IDS, at=TIMES, body=BODIES, place=st.integers(0, 10**6))
@hypothesis_settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_what_the_schemes_own_library_signs_is_believed_and_no_mutation_of_it(
    key: bytes, webhook_id: str, at: datetime, body: bytes, place: int
) -> None:
    signature = Webhook(key).sign(webhook_id, at, body.decode())
    timestamp = str(int(at.timestamp()))
    headers = {"webhook-id": webhook_id, "webhook-timestamp": timestamp, "webhook-signature": signature}
    assert is_signed(headers, body, [key], at)
    for offset in range(20):
        for mutate in MUTATIONS:
            mutated, changed, used = mutate(headers, body, key, place + offset)
            assert not is_signed(mutated, changed, [used], at)


Mutated = tuple[dict[str, str], bytes, bytes]


def _flip(text: bytes, place: int) -> bytes:
    """One bit of one byte."""
    at = place % len(text)
    return text[:at] + bytes([text[at] ^ (1 << place % 7)]) + text[at + 1 :]


def _body(headers: dict[str, str], body: bytes, key: bytes, place: int) -> Mutated:
    return headers, _flip(body, place) if body else b" ", key


def _key(headers: dict[str, str], body: bytes, key: bytes, place: int) -> Mutated:
    return headers, body, _flip(key, place)


def _header(name: str) -> Callable[[dict[str, str], bytes, bytes, int], Mutated]:
    def mutate(headers: dict[str, str], body: bytes, key: bytes, place: int) -> Mutated:
        return headers | {name: _flip(headers[name].encode(), place).decode()}, body, key

    return mutate


MUTATIONS: list[Callable[[dict[str, str], bytes, bytes, int], Mutated]] = [_body, _key, *map(_header, VECTOR)]


@given(
    st.dictionaries(st.sampled_from([*VECTOR]), st.text(max_size=60) | st.sampled_from([*VECTOR.values()])),
    st.binary(max_size=60),
)
@hypothesis_settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_headers_break_the_verification(headers: dict[str, str], body: bytes) -> None:
    assert is_signed(headers, body, KEYS, AT) is (headers == VECTOR and body == BODY)


def test_the_adapters_clock_decides_how_old_a_delivery_is(http: httpx.AsyncClient) -> None:
    late = replicate_of(http, now=NOW + TOLERANCE + timedelta(seconds=1))
    assert not late.is_authentic(signed(BODY), BODY)
    assert replicate_of(http, now=NOW + TOLERANCE).is_authentic(signed(BODY), BODY)


def test_the_library_believes_what_we_sign() -> None:
    now = datetime.now(UTC)
    body = b'{"id": "p1"}'
    assert Webhook(SECRET).verify(body, signed(body, at=now)) == {"id": "p1"}
