"""Why a delivery was not believed, where the scheme is Standard Webhooks or fal's."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from app.actions.diagnose.finding import Finding
from app.actions.diagnose.rejected import KnownSecrets, diagnose_rejected
from app.domain.standard_webhooks import key_of, sign

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"the very secret").decode()
OTHER = "whsec_" + base64.b64encode(b"somebody's secret").decode()
KNOWN = KnownSecrets(others={"the development constant": OTHER}, replicate=(SECRET,))
BODY = b'{"id":"p-1"}'


def headers(key: bytes, *, at: datetime = NOW, body: bytes = BODY) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    return {"webhook-id": "m", "webhook-timestamp": timestamp, "webhook-signature": sign(key, "m", timestamp, body)}


def wrong(given: dict[str, str], door: str = "replicate", body: bytes = BODY) -> list[Finding]:
    found = diagnose_rejected(door, given, body, providers={}, known=KNOWN, now=NOW)
    return [each for each in found if each.is_bad]


def test_an_old_timestamp_is_the_only_thing_wrong() -> None:
    (found,) = wrong(headers(key_of(SECRET), at=NOW - timedelta(hours=1)))
    assert found.said.startswith("the timestamp is 3600 s old")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (key_of(OTHER), "is the development constant"),
        (SECRET.encode(), "number 1, not decoded from base64"),
        (b"unheard of", "none that is known"),
    ],
)
def test_the_key_that_signed_is_named(key: bytes, said: str) -> None:
    (found,) = wrong(headers(key))
    assert said in found.said
    assert SECRET not in f"{found}"


def test_a_line_break_is_noticed() -> None:
    (found,) = wrong(headers(key_of(SECRET)), body=BODY + b"\n")
    assert found.said == "was signed without the line break at its end"


def test_what_is_missing_is_named() -> None:
    (found,) = wrong({"webhook-id": "m"})
    assert found.said == "webhook-timestamp, webhook-signature missing"
    (found,) = wrong({"x-fal-webhook-signature": "00"}, "fal")
    assert "x-fal-webhook-request-id" in found.said
    (found,) = wrong({"webhook-id": "m", "webhook-timestamp": "soon", "webhook-signature": "v1,x"})[:1]
    assert found.said == "webhook-timestamp is no number of seconds"


def test_fal_s_key_is_nobody_s_to_set() -> None:
    given = dict.fromkeys(
        ("x-fal-webhook-request-id", "x-fal-webhook-user-id", "x-fal-webhook-timestamp", "x-fal-webhook-signature"), "1"
    )
    (found,) = wrong(given, "fal")
    assert found.cure is not None
    assert found.cure.startswith("Nobody but fal can sign these")
