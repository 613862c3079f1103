"""Whose deliveries are believed: those that fal signed just now, byte for byte."""

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.providers.fal import Fal
from app.providers.fal.signatures import REQUEST_ID, SIGNATURE, TIMESTAMP, USER_ID, read_signed
from tests.providers.fal.samples import ID, NOW, SIGNER, STRANGER, USER, as_body, delivery, fal_of, keys_with, signed
from tests.providers.stub import ApiStub

BODY = as_body(delivery())
NAMES = (REQUEST_ID, USER_ID, TIMESTAMP, SIGNATURE)
mutating = hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
async def believing(http: httpx.AsyncClient) -> Fal:
    """It knows the signer's key."""
    return fal_of(http, keys=await keys_with(SIGNER))


def test_the_signed_message_is_four_lines() -> None:
    found = read_signed(signed(b"{}"), b"{}")
    assert found is not None
    empty_object = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert found.message.decode() == f"{ID}\n{USER}\n{NOW}\n{empty_object}"


def test_what_fal_signed_is_believed(believing: Fal) -> None:
    assert believing.is_authentic(signed(BODY), BODY)


def test_hex_in_capitals_is_the_same_signature(believing: Fal) -> None:
    headers = signed(BODY)
    assert believing.is_authentic(headers | {SIGNATURE: headers[SIGNATURE].upper()}, BODY)


async def test_any_of_several_keys_may_have_signed(http: httpx.AsyncClient) -> None:
    fal = fal_of(http, keys=await keys_with(STRANGER, SIGNER))
    assert fal.is_authentic(signed(BODY, key=SIGNER), BODY)
    assert fal.is_authentic(signed(BODY, key=STRANGER), BODY)


def test_a_strangers_signature_is_not_believed(believing: Fal) -> None:
    assert not believing.is_authentic(signed(BODY, key=STRANGER), BODY)


def test_without_keys_nothing_is_believed_and_nothing_is_asked(fal: Fal, api: ApiStub) -> None:
    assert not fal.is_authentic(signed(BODY), BODY)
    assert api.requests == []


@pytest.mark.parametrize("name", NAMES)
def test_no_header_may_be_missing(believing: Fal, name: str) -> None:
    headers = signed(BODY)
    del headers[name]
    assert not believing.is_authentic(headers, BODY)
    assert not believing.is_authentic(headers | {name: ""}, BODY)


@given(st.sampled_from(NAMES), st.data())
@mutating
def test_a_header_that_was_changed_is_not_believed(believing: Fal, name: str, data: st.DataObject) -> None:
    headers = signed(BODY)
    place = data.draw(st.integers(0, len(headers[name]) - 1))
    sign = data.draw(st.characters(codec="utf-8"))
    assume(sign.lower() != headers[name][place].lower())
    changed = headers[name][:place] + sign + headers[name][place + 1 :]
    assert not believing.is_authentic(headers | {name: changed}, BODY)


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
@mutating
def test_a_body_with_one_byte_changed_is_not_believed(believing: Fal, place: int, by: int) -> None:
    changed = BODY[:place] + bytes([BODY[place] ^ by]) + BODY[place + 1 :]
    assert not believing.is_authentic(signed(BODY), changed)


@given(st.binary(max_size=50))
@mutating
def test_a_body_with_something_at_its_end_is_not_believed(believing: Fal, tail: bytes) -> None:
    assert believing.is_authentic(signed(BODY), BODY + tail) is (tail == b"")


@given(st.fixed_dictionaries(dict.fromkeys(NAMES, st.text() | st.from_regex(r"[0-9a-f]{1,128}", fullmatch=True))))
@mutating
def test_no_headers_break_the_judging(believing: Fal, headers: dict[str, str]) -> None:
    assert not believing.is_authentic(headers, BODY)


@given(st.binary(min_size=64, max_size=64))
@mutating
def test_no_other_signature_fits(believing: Fal, signature: bytes) -> None:
    assert not believing.is_authentic(signed(BODY) | {SIGNATURE: signature.hex()}, BODY)


def test_lines_cannot_be_moved_between_the_headers(believing: Fal) -> None:
    headers = signed(BODY, request_id="one", user="two")
    moved = headers | {REQUEST_ID: "one\ntwo", USER_ID: str(NOW)}
    assert not believing.is_authentic(moved, BODY)


@pytest.mark.parametrize(
    ("skew", "is_believed"),
    [(0, True), (-300, True), (300, True), (-301, False), (301, False), (-86_400, False), (86_400, False)],
)
async def test_clocks_may_be_five_minutes_apart(http: httpx.AsyncClient, skew: int, is_believed: bool) -> None:
    fal = fal_of(http, keys=await keys_with(SIGNER))
    assert fal.is_authentic(signed(BODY, at=NOW + skew), BODY) is is_believed


@pytest.mark.parametrize("timestamp", ["", "-1", "1e9", f"{NOW}.0", f" {NOW}", f"+{NOW}", "१७६१९९१२००", "9" * 13])
def test_a_time_is_nothing_but_digits(believing: Fal, timestamp: str) -> None:
    assert not believing.is_authentic(signed(BODY) | {TIMESTAMP: timestamp}, BODY)


@pytest.mark.parametrize(("user_ids", "is_believed"), [((), True), ((USER, "other"), True), (("other",), False)])
async def test_another_accounts_deliveries_are_not_ours(
    http: httpx.AsyncClient, user_ids: tuple[str, ...], is_believed: bool
) -> None:
    fal = fal_of(http, keys=await keys_with(SIGNER), user_ids=user_ids)
    assert fal.is_authentic(signed(BODY), BODY) is is_believed


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
@mutating
def test_only_the_keys_owner_can_sign(believing: Fal, seed: bytes, body: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    assume(seed != SIGNER.private_bytes_raw())
    assert not believing.is_authentic(signed(body, key=key), body)
    assert believing.is_authentic(signed(body), body)
