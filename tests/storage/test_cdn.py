"""Addresses of a CDN, and CloudFront's signature on them."""

import base64
import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from app.storage.cdn import Cdn, CloudFrontSigner, rsa_signer
from app.storage.keys import new_key

KEY = rsa.generate_private_key(65537, 2048)
BASE = "https://d111111abcdef8.cloudfront.net/production"


def pem(
    file: Path,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = KEY,
    encryption: KeySerializationEncryption | None = None,
) -> Path:
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    file.write_bytes(text)
    return file


async def test_a_plain_cdn_s_addresses_are_for_good() -> None:
    cdn = Cdn(BASE)
    assert await cdn.link("abc.png", 60) == cdn.url("abc.png") == f"{BASE}/abc.png"


async def test_a_signed_address_is_good_for_one_blob_until_its_end(tmp_path: Path) -> None:
    signer = CloudFrontSigner("K2JCJMDEHXQW5F", rsa_signer(pem(tmp_path / "key.pem")))
    name = new_key("png")
    link = urlsplit(await Cdn(BASE, signer, now=lambda: 1_700_000_000.9).link(name, 900))
    said = dict(parse_qsl(link.query, keep_blank_values=True))
    assert link._replace(query="").geturl() == f"{BASE}/{name}"
    assert (said["Expires"], said["Key-Pair-Id"]) == ("1700000900", "K2JCJMDEHXQW5F")

    signature = base64.b64decode(said["Signature"].translate(str.maketrans("-_~", "+=/")), validate=True)
    policy = {
        "Statement": [{"Resource": f"{BASE}/{name}", "Condition": {"DateLessThan": {"AWS:EpochTime": 1_700_000_900}}}]
    }
    text = json.dumps(policy, separators=(",", ":")).encode()
    KEY.public_key().verify(signature, text, padding.PKCS1v15(), SHA1())
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(signature, text.replace(b"900", b"901"), padding.PKCS1v15(), SHA1())


def test_a_file_that_is_no_rsa_key_is_refused(tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n")
    curve = pem(tmp_path / "curve.pem", ec.generate_private_key(ec.SECP256R1()))
    locked = pem(tmp_path / "locked.pem", encryption=BestAvailableEncryption(b"password"))
    for file in (nonsense, curve, locked):
        with pytest.raises(ValueError):
            rsa_signer(file)
    with pytest.raises(OSError):
        rsa_signer(tmp_path / "nothing.pem")
