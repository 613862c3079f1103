"""What Skytells sends, composed from its published clients and pages (`reference/skytells-api.md`)."""

from decimal import Decimal
from typing import Any

import httpx

from app.domain.work import Terms
from app.providers.client import ApiClient
from app.providers.skytells import Skytells
from app.providers.skytells.callbacks import WebhookForm
from app.providers.skytells.reports import Words

MODEL = "truefusion-pro"
BASE = "https://api.skytells.example/v1"
KEY = "sk-very-private"
SECRET = "whsec-very-private"
CALLBACK = "https://app.example/api/webhooks/skytells?t=very-private"
OUTPUT = "https://delivery.skytells.cloud/eu/2026/11/01/x.png"


def skytells_of(
    http: httpx.AsyncClient,
    *,
    form: WebhookForm = "string",
    usd_per_credit: Decimal = Decimal(1),
    secrets: tuple[str, ...] = (SECRET,),
) -> Skytells:
    return Skytells(
        ApiClient(http, BASE, {"x-api-key": KEY, "accept": "application/json"}),
        webhook_secrets=secrets,
        webhook_form=form,
        words=Words(usd_per_credit),
        terms=Terms(),
    )


def prediction_object(**changes: Any) -> dict[str, Any]:
    """As in §2 of the reference, succeeded."""
    return {
        "id": "0b9d6c1e-6f3a-4c0b-9a43-5f1f6c2f7e11",
        "status": "succeeded",
        "type": "inference",
        "stream": False,
        "input": {"prompt": "a lighthouse"},
        "output": [OUTPUT],
        "error": None,
        "response": None,
        "created_at": "2026-11-01T10:00:00.000000Z",
        "started_at": "2026-11-01T10:00:01+00:00",
        "completed_at": "2026-11-01T10:00:06.120000Z",
        "privacy": "private",
        "source": "api",
        "model": {"name": "truefusion-pro", "type": "image"},
        "webhook": {"url": None, "events": []},
        "metrics": {"image_count": 1, "predict_time": 4.8, "total_time": 6.1, "progress": 100},
        "metadata": {"billing": {"credits_used": 0.03}, "storage": {"files": [{"name": "x.png", "url": OUTPUT}]}},
    } | changes


def error_a(status: int, error_id: str, message: str = "Their own words.", **details: Any) -> dict[str, Any]:
    error = {"http_status": status, "message": message, "details": "…", "error_id": error_id} | details
    return {"status": False, "response": message, "error": error}


def error_b(status: int, error_id: str, message: str = "Their own words.") -> dict[str, Any]:
    return {"error": {"http_status": status, "message": message, "details": None, "error_id": error_id}}


def error_c(status: int, error_id: str, message: str = "Their own words.") -> dict[str, Any]:
    return {"error_id": error_id, "message": message}


def error_d(status: int, error_id: str, message: str = "Their own words.") -> dict[str, Any]:
    return {
        "error": {
            "message": message,
            "type": "invalid_request_error",
            "code": error_id.lower(),
            "error_id": error_id,
            "status": status,
            "param": None,
            "request_id": "req_1",
            "details": {},
        }
    }


ERROR_SHAPES = [error_a, error_b, error_c, error_d]
