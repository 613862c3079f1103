"""The calls: create, get, list, models."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from app.domain.model import Model
from app.domain.ports import Listed, NotKnown, Pictures, ProviderRefused, Unavailable, Unsure
from app.domain.prediction import Prediction
from app.domain.report import ProviderState, Report
from app.domain.signatures import is_signed
from app.domain.work import Terms
from app.providers.client import ApiClient, Reply, ReplyLost
from app.providers.skytells import failures, models, reports
from app.providers.skytells.callbacks import WebhookForm, webhook_fields

MOST_PAGES = 100
CLOCKS_APART = timedelta(minutes=1)
PER_PAGE = 50
CREATE_SECONDS = 30.0


class Skytells:
    name = "skytells"
    pictures = Pictures.URL

    def __init__(
        self,
        api: ApiClient,
        *,
        webhook_secrets: Sequence[str],
        webhook_form: WebhookForm,
        words: reports.Words,
        terms: Terms,
    ) -> None:
        self._api = api
        self._secrets = webhook_secrets
        self._form = webhook_form
        self._words = words
        self.terms = terms

    async def create(self, prediction: Prediction, callback_url: str) -> Report:
        body = {"model": prediction.model, "input": dict(prediction.input), "await": False}
        try:
            reply = await self._api.call(
                "POST",
                "/predictions",
                json=body | webhook_fields(self._form, callback_url),
                seconds=CREATE_SECONDS,
                fresh=True,
            )
        except ReplyLost as error:
            raise Unsure(str(error)) from error
        return self._create_reply(reply)

    def _create_reply(self, reply: Reply) -> Report:
        if reply.is_success and (report := self._words.report(reply.data)) is not None:
            return report
        error = failures.read_error(reply.status, reply.data)
        if error.status in (429, 503):
            raise Unavailable(f"create answered {error.status}", reply.retry_after, limited=error.status == 429)
        if error.is_verdict or (400 <= error.status < 500 and error.status not in (408, 425, 499)):
            raise ProviderRefused(failures.refusal(error))
        raise Unsure(f"create answered {reply.status}")

    async def fetch(self, provider_id: str, model: str) -> Report:
        reply = await self._read(f"/predictions/{quote(provider_id, safe='')}")
        report = self._words.report(reply.data) if reply.is_success else None
        if report is not None:
            return report
        error = failures.read_error(reply.status, reply.data)
        if error.error_id == failures.PREDICTION_FAILED or error.is_verdict:
            return Report(provider_id, ProviderState.FAILED, failure=failures.of_prediction(error))
        if error.status == 404 or (error.status == 502 and error.error_id is not None):
            raise NotKnown(f"get answered {error.status}")
        raise _unavailable("get", reply)

    async def cancel(self, provider_id: str, model: str) -> None:
        """A race with its own end is normal; any answer but a lost one is for the next look to judge."""
        reply = await self._read(f"/predictions/{quote(provider_id, safe='')}/cancel", method="POST")
        if reply.status == 404:
            raise NotKnown("cancel answered 404")
        if reply.status == 429 or reply.status >= 500:
            raise _unavailable("cancel", reply)

    async def listed(self, model: str | None, since: datetime) -> list[Listed]:
        day_before = (since - timedelta(days=1)).date().isoformat()  # its days need not be ours
        found: list[Listed] = []
        for page in range(1, MOST_PAGES + 1):
            only = {} if model is None else {"model": model}
            entries, is_last = await self._page(page, **only, **{"from": day_before})
            read = [entry for entry in map(self._words.listed, entries) if entry is not None]
            found += read
            if is_last or any(_is_before(entry, since) for entry in read):
                break
        return found

    async def _page(self, page: int, **query: Any) -> tuple[list[Any], bool]:
        """Both shapes of a list: an envelope with `data`, or the bare array. A short page is the last one, unless
        the envelope says that there are more."""
        reply = await self._read("/predictions", params={**query, "page": page, "per_page": PER_PAGE})
        data = reply.data.get("data") if isinstance(reply.data, Mapping) else reply.data
        if not reply.is_success or not isinstance(data, list):
            raise _unavailable("list", reply)
        return data, not data or (len(data) < PER_PAGE and not _has_more(reply.data, page))

    async def greet(self) -> datetime | None:
        """The shortest page of our own predictions: unlike the model list, nobody gets that without a key."""
        reply = await self._read("/predictions", params={"page": 1, "per_page": 1})
        error = failures.read_error(reply.status, reply.data)
        if error.status in (401, 402, 403):
            raise ProviderRefused(failures.refusal(error))
        if not reply.is_success:
            raise _unavailable("list", reply)
        return reply.date

    async def models(self) -> list[Model]:
        reply = await self._read("/models", params={"fields": "input_schema,output_schema"})
        data = reply.data.get("data") if isinstance(reply.data, Mapping) else reply.data
        if not reply.is_success or not isinstance(data, list):
            raise _unavailable("models", reply)
        return [model for entry in data if (model := models.read_model(entry)) is not None]

    async def _read(self, path: str, method: str = "GET", **options: Any) -> Reply:
        """For calls that may be repeated: a lost reply is no worse than none."""
        try:
            return await self._api.call(method, path, **options)
        except ReplyLost as error:
            raise Unavailable(str(error)) from error

    async def refresh_keys(self) -> None:
        """Its secrets are ours, and known from the start."""

    def is_authentic(self, headers: Mapping[str, str], body: bytes) -> bool:
        return is_signed(body, headers.get("x-skytells-signature"), self._secrets)

    def read_delivery(self, body: bytes) -> Report:
        return self._words.delivery(body)


def _unavailable(what: str, reply: Reply) -> Unavailable:
    return Unavailable(f"{what} answered {reply.status}", reply.retry_after, limited=reply.status == 429)


def _is_before(entry: Listed, since: datetime) -> bool:
    """Older than anything looked for, by a clock that is not ours."""
    return entry.created_at is not None and entry.created_at < since - CLOCKS_APART


def _has_more(data: Any, page: int) -> bool:
    pagination = data.get("pagination") if isinstance(data, Mapping) else None
    last = pagination.get("last_page") if isinstance(pagination, Mapping) else None
    return isinstance(last, int) and last > page
