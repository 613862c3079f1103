"""A signature that does not verify: which of encoding, secret and body is to blame."""

import base64
import hashlib
import hmac
import json

import pytest

from app.actions.diagnose.finding import Finding, State
from app.actions.diagnose.signature import diagnose_signature

SECRET, OLD, KEY = "whsec_c2VjcmV0LW9mLXRoZS1kYXNoYm9hcmQ=", "older-secret", "sk-our-own-key"
ACCEPTED = {"webhook secret 1": SECRET, "webhook secret 2": OLD}
OTHERS = {"SKYTELLS_API_KEY": KEY}
BODY = '{"id": "pred_1", "status": "succeeded", "note": "où"}'.encode()


def signed(body: bytes = BODY, secret: str | bytes = SECRET, algorithm: str = "sha256") -> bytes:
    return hmac.digest(secret if isinstance(secret, bytes) else secret.encode(), body, algorithm)


def found(header: str, body: bytes = BODY) -> dict[str, Finding]:
    return {finding.name: finding for finding in diagnose_signature(body, header, ACCEPTED, OTHERS)}


def assert_blamed(findings: dict[str, Finding], name: str, said: str) -> None:
    """This one alone, with a cure."""
    assert [each.name for each in findings.values() if each.is_bad] == [name], findings
    assert said in findings[name].said
    assert findings[name].cure


HEX = signed().hex()


@pytest.mark.parametrize(
    "header",
    [
        HEX,
        f" {HEX} ",
        f"sha256={HEX}",
        HEX.upper(),
        f"X-Skytells-Signature: {HEX}",
        f"x-skytells-signature:sha256={HEX}",
    ],
)
@pytest.mark.parametrize("secret", [SECRET, OLD])
def test_a_good_one_is_said_to_be_good(header: str, secret: str) -> None:
    good = header.replace(HEX, signed(secret=secret).hex()).replace(HEX.upper(), signed(secret=secret).hex().upper())
    assert [each.state for each in found(good).values()] == [State.OK] * 3


ENCODINGS = {
    base64.b64encode(signed()).decode(): "is base64, where we read hex",
    base64.urlsafe_b64encode(signed()).decode().rstrip("="): "is base64, where we read hex",
    f"sha256={base64.b64encode(signed()).decode()}": "is base64, where we read hex",
    f"v1,{base64.b64encode(signed()).decode()}": "is base64, where we read hex",
    f"v1={HEX}": "is hex, with something about it",
    f"SHA256={HEX}": "is hex, with something about it",
    f'"{HEX}"': "is hex, with something about it",
    f"{HEX}, {HEX}": "is hex, with something about it",
    f"t=1700000000,v1={HEX}": "is hex, with something about it",
    signed(algorithm="sha1").hex(): "is HMAC-SHA1",
    f"sha512={signed(algorithm='sha512').hex()}": "is HMAC-SHA512",
}


@pytest.mark.parametrize("header", ENCODINGS)
def test_the_encoding_is_to_blame(header: str) -> None:
    assert_blamed(found(header), "encoding", ENCODINGS[header])


@pytest.mark.parametrize("header", ["", "hello", HEX[:-2], "0" * 63, "sha256=", "ü" * 64, "{}"])
def test_what_is_no_signature_is_told_so(header: str) -> None:
    assert_blamed(found(header), "encoding", "is no signature")


SECRETS: dict[str, tuple[str | bytes, str]] = {
    "the API key": (KEY, "is SKYTELLS_API_KEY, which the door does not believe"),
    "with a line break": (SECRET + "\n", "webhook secret 1, with a line break at its end"),
    "without its prefix": (SECRET.removeprefix("whsec_"), "webhook secret 1, without its prefix"),
    "decoded": (base64.b64decode(SECRET.removeprefix("whsec_")), "webhook secret 1, decoded from base64"),
    "in capitals": (OLD.upper(), "webhook secret 2, in capitals"),
    "the key with a line break": (KEY + "\n", "is SKYTELLS_API_KEY, with a line break"),
}


@pytest.mark.parametrize("name", SECRETS)
def test_the_secret_is_to_blame(name: str) -> None:
    secret, said = SECRETS[name]
    assert_blamed(found(signed(secret=secret).hex()), "secret", said)


def test_blanks_around_a_setting_s_secret_are_noticed() -> None:
    findings = diagnose_signature(BODY, signed(secret="pasted").hex(), {"webhook secret 1": ' "pasted" '}, {})
    assert findings[1].said == "is webhook secret 1, without the blanks or quotes around it"


BODIES = {
    "compact": (b'{"id":"pred_1","status":"succeeded","note":"o\xc3\xb9"}', "as compact JSON:"),
    "compact in ASCII": (rb'{"id":"pred_1","status":"succeeded","note":"o\u00f9"}', "as compact JSON in ASCII"),
    "indented": (json.dumps(json.loads(BODY), indent=2, ensure_ascii=False).encode(), "as JSON indented by two"),
    "sorted": (b'{"id":"pred_1","note":"o\xc3\xb9","status":"succeeded"}', "as compact JSON with sorted keys"),
    "with a line break": (BODY + b"\n", "with a line break at its end"),
}


@pytest.mark.parametrize("name", BODIES)
def test_the_body_is_to_blame(name: str) -> None:
    sent, said = BODIES[name]
    assert_blamed(found(signed(sent).hex()), "body", said)


@pytest.mark.parametrize("file", [BODY + b"\n", BODY + b"\r\n\n", b"\xef\xbb\xbf" + BODY])
def test_what_an_editor_adds_is_noticed(file: bytes) -> None:
    assert_blamed(found(HEX, file), "body", "of this file")


def test_line_breaks_of_another_kind_are_noticed() -> None:
    lines = b'{\n"id": 1\n}'
    assert_blamed(found(signed(lines).hex(), lines.replace(b"\n", b"\r\n")), "body", "line breaks of another kind")


def test_two_faults_at_once_are_both_named() -> None:
    findings = found(base64.b64encode(signed(BODY + b"\n", KEY)).decode())
    assert [each.name for each in findings.values() if each.is_bad] == ["encoding", "secret", "body"]


def test_where_nothing_fits_the_secret_is_the_likeliest() -> None:
    findings = found(signed(secret="a stranger's").hex())
    assert_blamed(findings, "secret", "none of the 3 known fits")
    assert findings["encoding"].state is State.OK


@pytest.mark.parametrize("body", [b"", b"not JSON", b"[" * 100_000, b"\xff" * 1000, b"1e999", b"x" * 1_000_000])
def test_any_body_can_be_looked_at(body: bytes) -> None:
    assert_blamed(found(hashlib.sha256(b"x").hexdigest(), body), "secret", "none of the 3 known fits")


def test_no_finding_shows_a_secret() -> None:
    for header in (HEX, base64.b64encode(signed(secret=KEY)).decode(), signed(secret="other").hex()):
        for finding in found(header).values():
            assert not any(secret in f"{finding}" for secret in (SECRET, OLD, KEY))
