"""A prediction and its files as rows, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from app.domain.prediction import (
    Adjustment,
    Choice,
    Failure,
    FailureCode,
    File,
    FileState,
    Prediction,
    Stage,
    Status,
    StoredFile,
    Thumbnail,
    Webhook,
)
from app.domain.work import Work, WorkKind


def prediction_of(row: RowMapping | Mapping[str, Any], own_files: tuple[File, ...] = ()) -> Prediction:
    return Prediction(
        **{name: row[name] for name in _SAME_NAME},
        status=Status(row["status"]),
        stage=Stage(row["stage"]),
        adjusted=tuple(Adjustment(**each) for each in row["adjusted"]),
        webhook=Webhook(row["webhook_url"], tuple(row["webhook_events"])) if row["webhook_url"] else None,
        failure=_failure(row),
        files=own_files,
        fallback=tuple(_choice(each) for each in row["fallback"]),
        work=work_of(row),
        uploads=tuple(row["uploads"]),
    )


_SAME_NAME = [
    "id",
    "owner",
    "provider",
    "model",
    "input",
    "metadata",
    "callback_token",
    "client_token",
    "version",
    "provider_id",
    "predict_time",
    "billed",
    "key_id",
    "batch_id",
    "variation_of",
    "data",
    "price",
    "held",
    "captured",
    "budget_day",
    "created_at",
    "updated_at",
    "asked_at",
    "cancel_asked_at",
    "started_at",
    "reported_at",
    "completed_at",
    "published_at",
    "face",
]


def columns_of(prediction: Prediction) -> dict[str, Any]:
    work, failure, webhook = prediction.work, prediction.failure, prediction.webhook
    return {
        **{name: getattr(prediction, name) for name in _SAME_NAME},
        "status": prediction.status.value,
        "stage": prediction.stage.value,
        "adjusted": [{"field": each.field, "message": each.message} for each in prediction.adjusted],
        "webhook_url": webhook and webhook.url,
        "webhook_events": list(webhook.events) if webhook else [],
        "failure_code": failure and failure.code.value,
        "failure_message": failure and failure.message,
        "failure_provider_code": failure and failure.provider_code,
        "work": work and work.kind.value,
        "due_at": work and work.due_at,
        "deadline_at": work and work.deadline_at,
        "attempts": work.attempts if work else 0,
        "waits_since": work and work.waits_since,
        "fallback": [asdict(each) | {"price": str(each.price)} for each in prediction.fallback],
        "uploads": list(prediction.uploads),
    }


def _choice(kept: Mapping[str, Any]) -> Choice:
    adjusted = tuple(Adjustment(**each) for each in kept.get("adjusted", ()))
    price, token = Decimal(kept["price"]), kept["callback_token"]
    return Choice(kept["provider"], kept["model"], price, token, kept.get("input"), adjusted)


def work_of(row: RowMapping | Mapping[str, Any]) -> Work | None:
    if row["work"] is None:
        return None
    return Work(WorkKind(row["work"]), row["due_at"], row["deadline_at"], row["attempts"], row["waits_since"])


def _failure(row: RowMapping | Mapping[str, Any]) -> Failure | None:
    if row["failure_code"] is None:
        return None
    return Failure(FailureCode(row["failure_code"]), row["failure_message"], row.get("failure_provider_code"))


def file_of(row: RowMapping | Mapping[str, Any]) -> File:
    stored = None
    if row["state"] == FileState.STORED:
        facts = ("key", "content_type", "bytes", "sha256", "width", "height")
        stored = StoredFile(**{name: row[name] for name in facts}, thumbnail=_thumbnail(row))
    is_quarantined = row["quarantined_at"] is not None
    return File(row["position"], row["source_url"], FileState(row["state"]), stored, _failure(row), is_quarantined)


def _thumbnail(row: RowMapping | Mapping[str, Any]) -> Thumbnail | None:
    if row["thumb_key"] is None:
        return None
    return Thumbnail(row["thumb_key"], row["thumb_bytes"], row["thumb_sha256"], row["thumbhash"])


def file_columns_of(prediction_id: UUID, file: File) -> dict[str, Any]:
    stored, failure = file.stored, file.failure
    thumbnail = stored and stored.thumbnail
    return {
        "prediction_id": prediction_id,
        "position": file.position,
        "source_url": file.source_url,
        "state": file.state.value,
        "key": stored and stored.key,
        "content_type": stored and stored.content_type,
        "bytes": stored and stored.bytes,
        "sha256": stored and stored.sha256,
        "width": stored and stored.width,
        "height": stored and stored.height,
        "thumb_key": thumbnail and thumbnail.key,
        "thumb_bytes": thumbnail and thumbnail.bytes,
        "thumb_sha256": thumbnail and thumbnail.sha256,
        "thumbhash": thumbnail and thumbnail.hash,
        "failure_code": failure and failure.code.value,
        "failure_message": failure and failure.message,
    }
