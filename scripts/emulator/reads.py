"""What is asked about, cancelled, deleted; and the catalogue."""

from datetime import UTC, date, datetime

from starlette.requests import Request
from starlette.responses import Response

from scripts.emulator import models, views
from scripts.emulator.book import Book, Prediction
from scripts.emulator.orders import Refusal
from scripts.emulator.work import Work


class Reads:
    def __init__(self, book: Book, work: Work) -> None:
        self._book, self._work = book, work

    async def get(self, request: Request) -> Response:
        prediction = self._known(request)
        for name, status, error_id in (("get_429", 429, "RATE_LIMITED"), ("get_500", 500, "INTERNAL_ERROR")):
            if fault := self._book.hit(name, prediction):
                raise Refusal(status, error_id, "Not now.", retry_after=fault.get("seconds"))
        if self._book.hit("get_404", prediction):
            raise self._unknown()
        if self._book.hit("get_502", prediction):
            return views.gateway()
        if prediction.status == "failed" and self._book.dialect.failed_get == "502":
            raise Refusal(502, "PREDICTION_FAILED", prediction.error or "Prediction failed.")
        return views.reply(views.prediction(self._book, prediction))

    async def browse(self, request: Request) -> Response:
        number = self._book.asked("list")
        if slow := self._book.faults.hit("list_429", number):
            raise Refusal(429, "RATE_LIMITED", "Too many requests.", retry_after=slow["seconds"])
        if self._book.faults.hit("list_502", number):
            return views.gateway()
        page, size = _whole(request, "page", 1, 10**6, 1), _whole(request, "per_page", 1, 50, 20)
        found = self._listed(request)
        rows = [views.prediction(self._book, told) for told in found[(page - 1) * size : page * size]]
        return views.reply(views.page(self._book.dialect, rows, number=page, size=size, total=len(found)))

    async def cancel(self, request: Request) -> Response:
        prediction = self._known(request)
        if prediction.final:
            raise Refusal(400, "INVALID_REQUEST", f"The prediction has already {prediction.status}.")
        if not self._book.hit("cancel_ignored", prediction):
            self._work.cancel(prediction)
        return views.reply(views.prediction(self._book, prediction) | {"success": True})

    async def delete(self, request: Request) -> Response:
        prediction = self._known(request)
        if not prediction.final:
            self._work.cancel(prediction)
        last = views.prediction(self._book, prediction)
        self._book.write(event="deleted", id=prediction.id)
        return views.reply(last | {"success": True})

    async def models(self, request: Request) -> Response:
        fields = _fields(request)
        return views.reply(
            [models.described(model, fields, self._book.dialect.pricing) for model in models.CATALOGUE.values()]
        )

    async def model(self, request: Request) -> Response:
        model = models.found(request.path_params["slug"])
        if model is None:
            raise Refusal(404, "MODEL_NOT_FOUND", "Model not found.")
        return views.reply(models.described(model, _fields(request), self._book.dialect.pricing))

    def _known(self, request: Request) -> Prediction:
        prediction = self._book.known(request.path_params["id"])
        if prediction is None:
            raise self._unknown()
        return prediction

    def _unknown(self) -> Refusal:
        return Refusal(int(self._book.dialect.unknown_get), "RESOURCE_NOT_FOUND", "Prediction not found.")

    def _listed(self, request: Request) -> list[Prediction]:
        """Newest first."""
        first, last = _day(request, "from"), _day(request, "to")
        if first and last and first > last:
            raise Refusal(400, "INVALID_DATE_RANGE", "from lies after to.")
        model, status = request.query_params.get("model"), request.query_params.get("status")
        return [
            told
            for told in reversed(self._book.predictions.values())
            if not told.deleted
            and (model is None or told.model == model.rpartition("/")[2])
            and (status is None or status in (told.status, views.DOCS_WORDS.get(told.status)))
            and (first is None or first <= _date(told))
            and (last is None or _date(told) <= last)
        ]


def _whole(request: Request, name: str, low: int, high: int, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise Refusal(400, "INVALID_PARAMETER", f"{name} is a number from {low} to {high}.")
    return int(text)


def _day(request: Request, name: str) -> date | None:
    text = request.query_params.get(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refusal(400, "INVALID_DATE_FORMAT", f"{name} is a day like 2026-11-01.") from None


def _date(told: Prediction) -> date:
    return datetime.fromtimestamp(told.created_at, UTC).date()


def _fields(request: Request) -> set[str]:
    return set(request.query_params.get("fields", "").split(","))
