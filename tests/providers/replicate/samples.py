"""What Replicate sends, as its documents and clients have it."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from app.domain.model import Model, Price
from app.domain.prediction import Prediction
from app.domain.standard_webhooks import key_of, sign
from app.domain.work import Terms
from app.providers.client import ApiClient
from app.providers.price_table import PriceTable
from app.providers.replicate import Replicate
from app.providers.replicate.reports import Words
from tests.domain.life import new_prediction

BASE = "https://api.replicate.example/v1"
KEY = "r8_very-private"
SECRET = "whsec_" + base64.b64encode(b"a-very-private-secret-of-32-byte").decode()
CALLBACK = "https://app.example/api/webhooks/replicate?t=very-private"
OUTPUT = "https://replicate.delivery/xezq/abc/out-0.webp"
MODEL = "black-forest-labs/flux-schnell"
VERSION = "39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b"
NOW = datetime(2026, 11, 1, 10, tzinfo=UTC)
TERMS = Terms(output_lifetime=timedelta(hours=1))
NO_PRICES = PriceTable()


def replicate_of(
    http: httpx.AsyncClient,
    *,
    base: str = BASE,
    key: str = KEY,
    secrets: tuple[str, ...] = (SECRET,),
    prices: PriceTable = NO_PRICES,
    terms: Terms = TERMS,
    now: datetime = NOW,
    slugs: tuple[str, ...] = (),
    plain_http: bool = False,
) -> Replicate:
    return Replicate(
        ApiClient(http, base, {"authorization": f"Bearer {key}", "accept": "application/json"}),
        webhook_secrets=secrets,
        prices=prices,
        terms=terms,
        clock=lambda: now,
        slugs=slugs,
        plain_http=plain_http,
    )


def words(**amounts: str) -> Words:
    """Which know these prices of a second of computing, by `owner__name`."""
    own = {
        ("replicate", _slug(name)): Price(Decimal(amount), "USD", "compute_second") for name, amount in amounts.items()
    }
    return Words(PriceTable(own=own))


def _slug(name: str) -> str:
    return name.replace("__", "/").replace("_", "-")


def prediction_of(model: str = MODEL, **given: Any) -> Prediction:
    return replace(new_prediction(), provider="replicate", model=model, **given)


def prediction_object(**changes: Any) -> dict[str, Any]:
    """As in §3 of the reference, succeeded."""
    return {
        "id": "k5h3v2q7w9xmb4r8t0c6d1n3fy",
        "model": MODEL,
        "version": "hidden",
        "status": "succeeded",
        "source": "api",
        "data_removed": False,
        "input": {"prompt": "a tin robot", "num_outputs": 1},
        "output": [OUTPUT],
        "error": None,
        "logs": "",
        "metrics": {"predict_time": 2.41, "total_time": 2.9},
        "created_at": "2026-11-01T10:00:00.120000Z",
        "started_at": "2026-11-01T10:00:00.300000123Z",
        "completed_at": "2026-11-01T10:00:03.020000123Z",
        "urls": {"get": f"{BASE}/predictions/k5h3v2q7w9xmb4r8t0c6d1n3fy"},
    } | changes


def problem(status: int, detail: str = "Their own words.", **fields: Any) -> dict[str, Any]:
    return {"title": "Their title", "status": status, "detail": detail} | fields


def signed(body: bytes, *, secret: str = SECRET, at: datetime = NOW, webhook_id: str = "msg_1") -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    signature = sign(key_of(secret), webhook_id, timestamp, body)
    return {"webhook-id": webhook_id, "webhook-timestamp": timestamp, "webhook-signature": signature}


INPUT: Mapping[str, Any] = {
    "type": "object",
    "title": "Input",
    "required": ["prompt"],
    "properties": {
        "prompt": {"type": "string", "title": "Prompt", "x-order": 0},
        "aspect_ratio": {"allOf": [{"$ref": "#/components/schemas/aspect_ratio"}], "default": "1:1", "x-order": 1},
        "seed": {"type": "integer", "title": "Seed", "nullable": True, "x-order": 2},
        "num_outputs": {"type": "integer", "default": 1, "minimum": 1, "maximum": 4, "x-order": 3},
    },
}


def openapi(given: Any = INPUT, **shapes: Any) -> dict[str, Any]:
    """A version's document, with what Cog writes beside the inputs."""
    return {
        "openapi": "3.0.2",
        "info": {"title": "Cog", "version": "0.1.0"},
        "components": {
            "schemas": {
                "Input": given,
                "Output": {"type": "array", "items": {"type": "string", "format": "uri"}},
                "aspect_ratio": {"enum": ["1:1", "16:9"], "type": "string", "title": "aspect_ratio"},
                "PredictionRequest": {"properties": {"input": {"$ref": "#/components/schemas/Input"}}},
            }
            | shapes
        },
    }


def model_object(slug: str = MODEL, **changes: Any) -> dict[str, Any]:
    owner, _, name = slug.partition("/")
    return {
        "url": f"https://replicate.com/{slug}",
        "owner": owner,
        "name": name,
        "description": "Pictures.",
        "visibility": "public",
        "run_count": 7,
        "latest_version": {"id": VERSION, "created_at": "2026-05-01T10:00:00Z", "openapi_schema": openapi()},
    } | changes


def bare(slug: str) -> Model:
    return Model("replicate", slug, "image")
