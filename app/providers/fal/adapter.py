"""The calls: create, status and result, cancel; and which deliveries to believe."""

import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app.domain.model import Model
from app.domain.ports import Listed, NotKnown, Pictures, ProviderRefused, Unavailable, Unsure
from app.domain.prediction import Prediction
from app.domain.report import Report
from app.domain.work import Terms
from app.providers.client import ApiClient, Reply, ReplyLost
from app.providers.fal import failures, replies, reports
from app.providers.fal.endpoints import request_path, submit_path
from app.providers.fal.keys import Keys
from app.providers.fal.models import usd_per_unit
from app.providers.fal.signatures import read_signed

CREATE_SECONDS = 30.0
GREETED = "fal-ai/flux/dev"


def api_headers(key: str, output_lifetime: timedelta) -> dict[str, str]:
    """For the queue: who we are, and for how long fal is to keep outputs, since its own default varies."""
    kept = json.dumps({"expiration_duration_seconds": int(output_lifetime.total_seconds())})
    return {
        "authorization": f"Key {key}",
        "accept": "application/json",
        "x-fal-object-lifecycle-preference": kept,
    }


class Fal:
    """A prediction's id is the `request_id`, which is all that a delivery names; its place in the queue's paths needs
    the model as well."""

    name = "fal"
    pictures = Pictures.URL

    def __init__(
        self,
        queue: ApiClient,
        platform: ApiClient,
        *,
        keys: Keys,
        models: tuple[Model, ...],
        terms: Terms,
        user_ids: Collection[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`platform` is `api.fal.ai`, which unlike the queue answers nobody without a key. `user_ids` are our own
        accounts, in the signed headers of deliveries; empty for any. `clock` is Unix seconds."""
        self._queue = queue
        self._platform = platform
        self._keys = keys
        self._models = models
        self._usd_per_unit = usd_per_unit(models)
        self._user_ids = frozenset(user_ids)
        self._clock = clock
        self.terms = terms

    async def create(self, prediction: Prediction, callback_url: str) -> Report:
        path = submit_path(prediction.model)
        if path is None:
            raise ProviderRefused(failures.refusal(failures.read_error(404)))
        asked: dict[str, Any] = {"json": dict(prediction.input), "params": {"fal_webhook": callback_url}}
        try:
            reply = await self._queue.call("POST", path, seconds=CREATE_SECONDS, fresh=True, **asked)
        except ReplyLost as error:
            raise Unsure(str(error)) from error
        return replies.read_taken(reply)

    async def fetch(self, provider_id: str, model: str) -> Report:
        """The status, and once that has ended the result: only this tells a success from a failure."""
        path = _path(model, provider_id)
        reply = await self._read(f"{path}/status")
        status = reports.read_status(reply.data) if reply.is_success else None
        if reply.status == 404:
            raise NotKnown("status answered 404")
        if status is None:
            raise replies.unavailable("status", reply)
        if not status.has_ended:
            return Report(provider_id, status.state)
        reply = await self._read(path)
        report = replies.read_result(provider_id, status, reply)
        if not report.state.is_final:
            return report
        billed = replies.billed(reply, self._usd_per_unit.get(model))
        return replace(report, predict_time=status.predict_time, billed=billed)

    async def cancel(self, provider_id: str, model: str) -> None:
        """A wish: 202 may still complete and 400 says that it has. What came of it is for the next look to judge."""
        reply = await self._read(f"{_path(model, provider_id)}/cancel", method="PUT")
        if reply.status == 404:
            raise NotKnown("cancel answered 404")
        if reply.status == 429 or reply.status >= 500:
            raise replies.unavailable("cancel", reply)

    async def listed(self, model: str | None, since: datetime) -> Sequence[Listed]:
        """Nothing: the queue has no list, so a create that may have been heard is found by its delivery alone. Of all
        models together nothing would be a false statement of account: for that it raises Unavailable."""
        if model is None:
            raise Unavailable("fal lists no bills")
        return ()

    async def greet(self) -> datetime | None:
        """One entry of our requests to one endpoint; public models would answer without a key."""
        query = {"endpoint_id": GREETED, "limit": 1}
        try:
            reply = await self._platform.call("GET", "/models/requests/by-endpoint", params=query)
        except ReplyLost as error:
            raise Unavailable(str(error)) from error
        if reply.status in (401, 402, 403):
            raise ProviderRefused(failures.refusal(failures.read_error(reply.status, reply.data)))
        if not reply.is_success:
            raise replies.unavailable("requests", reply)
        return reply.date

    async def models(self) -> Sequence[Model]:
        """Those of the table; nothing is asked."""
        return self._models

    async def _read(self, path: str, method: str = "GET") -> Reply:
        """For calls that may be repeated: a lost reply is no worse than none."""
        try:
            return await self._queue.call(method, path)
        except ReplyLost as error:
            raise Unavailable(str(error)) from error

    async def refresh_keys(self) -> None:
        await self._keys.refresh()

    def is_authentic(self, headers: Mapping[str, str], body: bytes) -> bool:
        """By a snapshot of fal's keys. A sound delivery that none of them fits makes the next one ask for new ones."""
        signed = read_signed(headers, body)
        if signed is None or not signed.may_be_ours(self._clock(), self._user_ids):
            return False
        if signed.is_by(self._keys.known()):
            return True
        self._keys.doubt()
        return False

    def read_delivery(self, body: bytes) -> Report:
        return reports.read_delivery(body)


def _path(model: str, provider_id: str) -> str:
    path = request_path(model, provider_id)
    if path is None:
        raise NotKnown("no endpoint has this name")
    return path
