"""What Stability sends, composed from its published specification."""

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from app.domain.prediction import Prediction
from app.domain.work import Terms
from app.providers.client import ApiClient
from app.providers.stability import Stability, load_offers
from app.providers.stability.adapter import api_headers
from tests.domain.life import new_prediction
from tests.providers.stub import answer
from tests.storage import files

API = "https://api.stability.example"
KEY = "sk-very-private"
CALLBACK = "https://app.example/api/webhooks/stability?t=very-private"
ID = "ab" * 32
PNG = files.picture("PNG", 64, 48)
TERMS = Terms(
    output_lifetime=timedelta(hours=24), look_every=timedelta(seconds=15), look_at_least=timedelta(seconds=10)
)


def stability_of(
    http: httpx.AsyncClient,
    *,
    api: str = API,
    key: str = KEY,
    fresh: httpx.AsyncClient | None = None,
    terms: Terms = TERMS,
) -> Stability:
    return Stability(ApiClient(http, api, api_headers(key), fresh=fresh), offers=load_offers(), terms=terms)


def data_uri(content: bytes = PNG, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def prediction_of(model: str = "stable-image-core", **given: Any) -> Prediction:
    asked = {"prompt": "a very private fox"} | given
    return replace(new_prediction(), provider="stability", model=model, input=asked)


def upscaled(**given: Any) -> Prediction:
    """Asks for the one model that is a job."""
    return prediction_of("upscale-creative", image=data_uri(), **given)


def picture(content: bytes = PNG, finish: str = "SUCCESS", **headers: str) -> httpx.Response:
    told = {"content-type": "image/png", "finish-reason": finish, "seed": "343940597", "x-request-id": "req-1"}
    return answer(body=content, headers=told | {name.replace("_", "-"): value for name, value in headers.items()})


def error(status: int, name: str, *texts: str, **headers: str) -> httpx.Response:
    said = {"id": "0" * 32, "name": name, "errors": list(texts or ("their own words",))}
    return answer(said, status=status, headers=headers)
