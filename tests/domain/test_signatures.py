import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.signatures import hmac_sha256_hex, is_signed

KEY = "sk-test"
BODY = b'{"id":"p","status":"succeeded"}'
SIGNATURE = "e316cf793c156e6e74c7a4bd5a67995ef95712d0c5986207b44e0e69a0adc90e"

KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80)


def test_the_reference_vector() -> None:
    assert hmac_sha256_hex(KEY, BODY) == SIGNATURE
    assert is_signed(BODY, SIGNATURE, [KEY])


@pytest.mark.parametrize(
    "spelling",
    [SIGNATURE, f"sha256={SIGNATURE}", SIGNATURE.upper(), f"sha256={SIGNATURE.upper()}"],
    ids=["bare", "prefixed", "in capitals", "prefixed, in capitals"],
)
def test_every_published_spelling_is_understood(spelling: str) -> None:
    assert is_signed(BODY, spelling, [KEY])


MALFORMED = {
    "missing": None,
    "empty": "",
    "blank": "   ",
    "the prefix alone": "sha256=",
    "one digit short": SIGNATURE[:-1],
    "one digit long": SIGNATURE + "0",
    "not hex": SIGNATURE[:-1] + "g",
    "twice": SIGNATURE * 2,
    "two values": f"{SIGNATURE},{SIGNATURE}",
    "two values with a blank": f"{SIGNATURE} {SIGNATURE}",
    "prefixed twice": f"sha256=sha256={SIGNATURE}",
    "another prefix": f"sha1={SIGNATURE}",
    "a prefix in capitals": f"SHA256={SIGNATURE}",
    "a standard webhook's": f"v1,{SIGNATURE}",
    "a blank before": f" {SIGNATURE}",
    "a blank after": f"{SIGNATURE} ",
    "a line end": f"{SIGNATURE}\n",
    "a blank after the prefix": f"sha256= {SIGNATURE}",
    "quoted": f'"{SIGNATURE}"',
    "with a NUL": f"{SIGNATURE}\0",
    "wide digits": "".join(chr(ord(sign) + 0xFEE0) for sign in SIGNATURE),
    "an arabic digit": "\u0663" + SIGNATURE[1:],
    "half of a surrogate pair": "\ud800" + SIGNATURE[1:],
    "base64": "4xbPeTwVbm50x6S9WmeZXvlXEtDFmGIHtE4OaaCtyQ4=",
    "endless": SIGNATURE * 10_000,
}


@pytest.mark.parametrize("signature", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_signature_is_none(signature: str | None) -> None:
    assert not is_signed(BODY, signature, [KEY])


@pytest.mark.parametrize(
    "body", [b"", BODY + b" ", BODY + b"\n", BODY[:-1], BODY.replace(b"p", b"q"), BODY.replace(b":", b": ")]
)
def test_a_signature_covers_every_byte_of_the_body(body: bytes) -> None:
    assert not is_signed(body, SIGNATURE, [KEY])


def test_any_of_several_keys_will_do_so_that_they_can_be_rotated() -> None:
    assert is_signed(BODY, SIGNATURE, ["sk-new", KEY])
    assert is_signed(BODY, SIGNATURE, [KEY, "sk-old"])
    assert not is_signed(BODY, SIGNATURE, ["sk-new", "sk-old"])


def test_without_a_key_nothing_is_signed() -> None:
    assert not is_signed(BODY, SIGNATURE, [])


def test_an_empty_key_signs_nothing() -> None:
    forged = hmac.new(b"", BODY, hashlib.sha256).hexdigest()
    assert not is_signed(BODY, forged, [""])
    assert not is_signed(BODY, forged, ["", KEY])


@given(KEYS, st.binary(max_size=2000), st.booleans())
def test_what_a_key_signed_it_verifies(key: str, body: bytes, is_prefixed: bool) -> None:
    signature = hmac_sha256_hex(key, body)
    assert is_signed(body, f"sha256={signature}" if is_prefixed else signature, [key])


@given(KEYS, st.binary(min_size=1, max_size=500), st.data())
def test_any_flipped_bit_of_the_body_is_noticed(key: str, body: bytes, data: st.DataObject) -> None:
    altered = flipped(body, data.draw(st.integers(0, len(body) * 8 - 1)))
    assert not is_signed(altered, hmac_sha256_hex(key, body), [key])


@given(KEYS, st.binary(max_size=500), st.integers(0, 255))
def test_any_flipped_bit_of_the_signature_is_noticed(key: str, body: bytes, bit: int) -> None:
    altered = flipped(bytes.fromhex(hmac_sha256_hex(key, body)), bit).hex()
    assert not is_signed(body, altered, [key])


@given(KEYS, st.binary(max_size=500), st.text(max_size=200) | st.from_regex(r"(sha256=)?[0-9a-fA-F]{60,68}"))
def test_no_text_that_was_guessed_opens_the_door_or_breaks_it(key: str, body: bytes, guess: str) -> None:
    assert not is_signed(body, guess, [key])


def flipped(value: bytes, bit: int) -> bytes:
    altered = bytearray(value)
    altered[bit // 8] ^= 1 << bit % 8
    return bytes(altered)
