"""A CDN in front of a bucket: plain addresses, or CloudFront's that end.

Source of the signature: Amazon CloudFront Developer Guide, "Create a signed URL using a canned policy": RSA over SHA-1
of the policy, in base64 with three letters exchanged.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import time

FOR_URLS = bytes.maketrans(b"+=/", b"-_~")

SignBytes = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class CloudFrontSigner:
    """`sign` is RSA PKCS #1 v1.5 with SHA-1, by the private half of the key pair."""

    key_pair_id: str
    sign: SignBytes

    def signed(self, url: str, until: int) -> str:
        """`until` is in seconds since the epoch."""
        condition = {"DateLessThan": {"AWS:EpochTime": until}}
        policy = json.dumps({"Statement": [{"Resource": url, "Condition": condition}]}, separators=(",", ":"))
        signature = base64.b64encode(self.sign(policy.encode())).translate(FOR_URLS).decode()
        return f"{url}?Expires={until}&Signature={signature}&Key-Pair-Id={self.key_pair_id}"


@dataclass(frozen=True, slots=True)
class Cdn:
    """`base` is the address under which the store's keys lie."""

    base: str
    signer: CloudFrontSigner | None = None
    now: Callable[[], float] = time

    def url(self, key: str) -> str:
        return f"{self.base}/{key}"

    async def link(self, key: str, seconds: int) -> str:
        """As a store's: for so long at least."""
        url = self.url(key)
        return url if self.signer is None else self.signer.signed(url, int(self.now()) + seconds)


def rsa_signer(file: Path) -> SignBytes:
    """Raises OSError, and ValueError if it is no RSA private key in PEM."""
    # Half a hundred modules that nobody needs without CloudFront.
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415

    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except TypeError as error:
        raise ValueError("is encrypted") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("is no RSA key")
    return lambda content: key.sign(content, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303, CloudFront's choice
