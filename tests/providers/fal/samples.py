"""What fal sends, composed from its documentation (`reference/fal-api.md`), signed with a key of the tests."""

import base64
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.domain.work import Terms
from app.providers.client import ApiClient
from app.providers.fal import Fal, Keys
from app.providers.fal.adapter import api_headers
from app.providers.fal.models import load_models
from app.providers.fal.signatures import REQUEST_ID, SIGNATURE, TIMESTAMP, USER_ID
from tests.domain.life import new_prediction
from tests.providers.stub import ApiStub

QUEUE = "https://queue.fal.example"
PLATFORM = "https://api.fal.example/v1"
JWKS = "https://rest.fal.example/.well-known/jwks.json"
KEY = "fal-id:very-private"
CALLBACK = "https://app.example/api/webhooks/fal?t=very-private"
MODEL = "fal-ai/flux/dev"
ID = "7d6f9f2e-6f3a-4c0b-9a43-5f1f6c2f7e11"
OUTPUT = "https://v3.fal.media/files/a/b.png"
USER = "auth0|5f1f6c2f7e11"
NOW = 1_761_991_200
LIFETIME = timedelta(hours=1)
PREDICTION = replace(new_prediction(), provider="fal", model=MODEL)
SIGNER = Ed25519PrivateKey.from_private_bytes(b"1" * 32)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"2" * 32)


def fal_of(
    http: httpx.AsyncClient,
    *,
    keys: Keys | None = None,
    user_ids: Collection[str] = (),
    now: float = NOW,
    fresh: httpx.AsyncClient | None = None,
    queue: str = QUEUE,
    platform: str = PLATFORM,
) -> Fal:
    return Fal(
        ApiClient(http, queue, api_headers(KEY, LIFETIME), fresh=fresh),
        ApiClient(http, platform, {"authorization": f"Key {KEY}"}),
        keys=keys or Keys(ApiClient(http, JWKS, {})),
        models=load_models(),
        terms=Terms(output_lifetime=LIFETIME),
        user_ids=user_ids,
        clock=lambda: now,
    )


def taken(**changes: Any) -> dict[str, Any]:
    at = f"{QUEUE}/fal-ai/flux/requests/{ID}"
    urls = {"response_url": at, "status_url": f"{at}/status", "cancel_url": f"{at}/cancel"}
    return {"request_id": ID, "gateway_request_id": ID, "queue_position": 0} | urls | changes


def output(**changes: Any) -> dict[str, Any]:
    image = {"url": OUTPUT, "width": 1024, "height": 768, "content_type": "image/jpeg"}
    return {"images": [image], "seed": 7, "has_nsfw_concepts": [False], "prompt": "a lighthouse"} | changes


def validation_error(kind: str = "value_error.missing", msg: str = "field required") -> dict[str, Any]:
    return {"detail": [{"loc": ["body", "prompt"], "msg": msg, "type": kind}]}


def infrastructure_error(kind: str, text: str = "Their own words.") -> dict[str, Any]:
    return {"detail": text, "error_type": kind}


def delivery(**changes: Any) -> dict[str, Any]:
    return {"request_id": ID, "gateway_request_id": ID, "status": "OK", "payload": output()} | changes


def jwk(key: Ed25519PrivateKey, **changes: Any) -> dict[str, Any]:
    x = base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).decode().rstrip("=")
    return {"kty": "OKP", "crv": "Ed25519", "x": x} | changes


def jwks(*keys: Ed25519PrivateKey) -> dict[str, Any]:
    return {"keys": [jwk(key) for key in keys]}


def signed(
    body: bytes, *, key: Ed25519PrivateKey = SIGNER, user: str = USER, request_id: str = ID, at: int = NOW
) -> dict[str, str]:
    """The headers of a delivery."""
    message = "\n".join((request_id, user, str(at), hashlib.sha256(body).hexdigest()))
    signature = key.sign(message.encode()).hex()
    return {REQUEST_ID: request_id, USER_ID: user, TIMESTAMP: str(at), SIGNATURE: signature}


async def keys_with(*private: Ed25519PrivateKey) -> Keys:
    """Already fetched."""
    api = ApiStub()
    api.says(jwks(*private))
    async with httpx.AsyncClient(transport=httpx.MockTransport(api), trust_env=False) as http:
        keys = Keys(ApiClient(http, JWKS, {}))
        await keys.refresh()
    return keys


def as_body(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value).encode()
