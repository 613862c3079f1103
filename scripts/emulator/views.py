"""How things are said: predictions, lists, errors, in the dialect that is spoken."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from scripts.emulator.book import Book, Prediction
from scripts.emulator.dialect import Dialect
from scripts.emulator.orders import Refusal

DOCS_WORDS = {"pending": "queued", "cancelled": "canceled"}
GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
ABSURD: dict[str | None, Any] = {
    "negative": -5.0,
    "nan": float("nan"),
    "huge": 1e308,
    "none": None,
    "text": "a fortune",
}


def moment(at: float | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def status_word(status: str, dialect: Dialect) -> str:
    return DOCS_WORDS.get(status, status) if dialect.status_vocabulary == "docs" else status


def prediction(book: Book, told: Prediction, *, status: str | None = None, mark: str = "") -> dict[str, Any]:
    """As it stands, or as it stood at an earlier `status`; `mark` ends every output link."""
    status = status or told.status
    over = status == told.status and told.final
    links = [book.origin + file["path"] + mark for file in told.files] if over else []
    return {
        "id": told.id,
        "status": status_word(status, book.dialect),
        "type": "inference",
        "stream": told.stream,
        "input": told.input,
        "output": _output(links, book.dialect),
        "error": told.error if over else None,
        "response": told.error if over else None,
        "created_at": moment(told.created_at),
        "started_at": moment(told.started_at),
        "completed_at": moment(told.completed_at) if over else None,
        "updated_at": moment(told.updated_at),
        "privacy": "private",
        "source": "api",
        "model": told.model if book.dialect.model == "string" else {"name": told.model, "type": told.kind.kind},
        "webhook": {"url": told.webhook, "events": list(told.events)},
        "metrics": _metrics(told, over),
        "metadata": _metadata(book, told, links, over),
        "urls": _urls(book, told),
    }


def _output(links: list[str], dialect: Dialect) -> Any:
    if dialect.output == "string" and len(links) == 1:
        return links[0]
    return links or None


def _metrics(told: Prediction, over: bool) -> dict[str, Any]:
    if not over or told.completed_at is None:
        return {"progress": 0 if told.started_at is None else 50}
    count = len(told.files)
    return {
        "image_count": count if told.kind.kind == "image" else 0,
        "asset_count": count,
        "predict_time": round(told.completed_at - (told.started_at or told.completed_at), 3),
        "total_time": round(told.completed_at - told.created_at, 3),
        "progress": 100,
    }


def _metadata(book: Book, told: Prediction, links: list[str], over: bool) -> dict[str, Any]:
    files = [
        {"name": file["path"].rpartition("/")[2], "type": file["type"], "size": file["size"], "url": link}
        for file, link in zip(told.files, links, strict=False)
    ]
    gone = over and book.expired(told)
    return {
        "billing": {"credits_used": credits_used(book, told) if over else 0},
        "storage": {"files": files},
        "data_available": bool(files) and not gone,
        "data_removed": gone,
    }


def credits_used(book: Book, told: Prediction) -> Any:
    absurd = book.hit("absurd_cost", told)
    if absurd is None or told.status != "succeeded":
        return told.credits
    return ABSURD.get(absurd["value"]) if absurd["value"] else list(ABSURD.values())[told.ordinal % len(ABSURD)]


def _urls(book: Book, told: Prediction) -> dict[str, str]:
    here = f"{book.origin}/v1/predictions/{told.id}"
    return {"get": here, "cancel": f"{here}/cancel", "stream": f"{here}/stream", "delete": f"{here}/delete"}


def page(dialect: Dialect, rows: list[dict[str, Any]], *, number: int, size: int, total: int) -> Any:
    if dialect.list_shape == "array":
        return rows
    last = max(1, -(-total // size))
    return {
        "data": rows,
        "pagination": {"current_page": number, "per_page": size, "total": total, "last_page": last},
    }


def error(dialect: Dialect, refusal: Refusal) -> Response:
    facts = {
        "http_status": refusal.status,
        "message": refusal.message,
        "details": refusal.details,
        "error_id": refusal.error_id,
    }
    bodies: dict[str, dict[str, Any]] = {
        "A": {"status": False, "response": refusal.message, "error": facts},
        "B": {"error": facts},
        "C": {"error_id": refusal.error_id, "message": refusal.message},
    }
    return reply(bodies[dialect.error_shape], refusal.status, headers=retry_after(refusal.retry_after))


def gateway() -> Response:
    """What stands in front of a server answers in HTML when the server is away."""
    return Response(GATEWAY, 502, media_type="text/html")


def retry_after(seconds: float | None) -> dict[str, str]:
    return {} if seconds is None else {"Retry-After": str(max(1, round(seconds)))}


def reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON; NaN goes through as it is, since one fault needs it."""
    return Response(encoded(body), status, headers, media_type="application/json")


def encoded(body: Any) -> bytes:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="backslashreplace")  # a lone surrogate goes back as it came
