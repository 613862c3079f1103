"""A prediction as clients see it."""

import json
from typing import Any

from app.db.notices import Notice
from app.domain.data import with_addresses
from app.domain.notices import type_of
from app.domain.prediction import File, FileState, Prediction, Status
from app.web import schemas


class Views:
    """Renders with absolute links under our own public address, never under a request's `Host`; files under a CDN's
    where there is one."""

    def __init__(self, public_url: str, *, files_url: str) -> None:
        self.public_url = public_url
        self._files_url = files_url

    def prediction(self, prediction: Prediction, *, with_token: bool = False) -> schemas.PredictionView:
        return schemas.PredictionView(
            id=prediction.id,
            status=prediction.status.value,
            stage=prediction.stage.value,
            provider=prediction.provider,
            model=prediction.model,
            input=dict(prediction.input),
            output=self._output(prediction),
            data=self._data(prediction),
            files=[self._file(file) for file in prediction.files],
            error=_error(prediction),
            cost=_cost(prediction),
            metrics=_metrics(prediction),
            metadata=dict(prediction.metadata),
            fallback=[schemas.MakerView(provider=each.provider, model=each.model) for each in prediction.fallback],
            batch_id=prediction.batch_id,
            variation_of=prediction.variation_of,
            adjusted=[schemas.FieldProblemView(field=each.field, message=each.message) for each in prediction.adjusted],
            created_at=prediction.created_at,
            started_at=prediction.started_at,
            reported_at=prediction.reported_at,
            completed_at=prediction.completed_at,
            updated_at=prediction.updated_at,
            published=prediction.published_at is not None,
            urls=self._urls(prediction),
            client_token=prediction.client_token if with_token else None,
        )

    def notice(self, prediction: Prediction | None, notice: Notice) -> bytes:
        """The body of a webhook, by Standard Webhooks: type, time of the event, the prediction as it is now, or what
        else the event is about. Within one prediction a later event has a greater `sequence`."""
        view = prediction and self.prediction(prediction).model_dump(mode="json", exclude={"client_token"})
        body = {
            "type": notice.type or (prediction and type_of(notice.event, prediction.status)),
            "timestamp": notice.created_at.isoformat(),
            "sequence": notice.sequence,
            "data": view or notice.data,
        }
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    def _urls(self, prediction: Prediction) -> schemas.UrlsView:
        own = self.url(prediction)
        return schemas.UrlsView(get=own, cancel=f"{own}/cancel", events=f"{own}/events", receipt=f"{own}/receipt")

    def url(self, prediction: Prediction) -> str:
        return f"{self.public_url}/api/predictions/{prediction.id}"

    def _output(self, prediction: Prediction) -> list[str] | None:
        if prediction.status is not Status.SUCCEEDED:
            return None
        return [self.file_url(file.shown.key) for file in prediction.files if file.shown]

    def _data(self, prediction: Prediction) -> Any:
        if prediction.status is not Status.SUCCEEDED or prediction.data is None:
            return None
        addresses = {file.position: self.file_url(file.shown.key) if file.shown else None for file in prediction.files}
        return with_addresses(prediction.data, addresses)

    def _file(self, file: File) -> schemas.FileView:
        stored = file.stored if file.state is FileState.STORED else None
        small = file.shown and file.shown.thumbnail
        return schemas.FileView(
            position=file.position,
            state="quarantined" if file.quarantined else file.state.value,
            url=self.file_url(file.shown.key) if file.shown else None,
            content_type=stored and stored.content_type,
            bytes=stored and stored.bytes,
            sha256=stored and stored.sha256,
            width=stored and stored.width,
            height=stored and stored.height,
            thumbnail_url=self.file_url(small.key) if small else None,
            thumbhash=small and small.hash,
        )

    def file_url(self, key: str) -> str:
        return f"{self._files_url}/{key}"


def _cost(prediction: Prediction) -> schemas.CostView:
    """What a final one still holds is nothing, and told as none."""
    is_open = not prediction.status.is_final and prediction.price is not None
    return schemas.CostView(held=prediction.held if is_open else None, captured=prediction.captured)


def _error(prediction: Prediction) -> schemas.ErrorView | None:
    failure = prediction.failure
    if failure is None:
        return None
    return schemas.ErrorView(code=failure.code.value, message=failure.message, provider_code=failure.provider_code)


def _metrics(prediction: Prediction) -> schemas.MetricsView:
    end, stored_from = prediction.completed_at, prediction.reported_at
    total = end and (end - prediction.created_at).total_seconds()
    storing = end and stored_from and (end - stored_from).total_seconds()
    return schemas.MetricsView(
        predict_time=prediction.predict_time,
        store_time=storing and round(storing, 3),
        total_time=total and round(total, 3),
    )
