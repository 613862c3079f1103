"""A delivery of our own making, signed with our own secret and sent through the real door, as a provider would."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.actions.diagnose.senders import Sender
from app.db import predictions
from app.db.engine import Database
from app.domain.errors import FieldProblem, InvalidRequest, NotAttachable, PredictionNotFound
from app.domain.trial import EVENTS, UNSIGNABLE, Dialect, UnusableOverride, changed, composed, event_of
from app.outbound.own_door import Knock, knock

AGENT = "darkroom-trigger"
Senders = Mapping[str, Sender]


@dataclass(frozen=True, slots=True)
class Trial:
    """What to send: an `event` in `dialect`, or the `body` as it stands; `overrides` are values by path."""

    event: str = "succeeded"
    provider: str | None = None
    prediction_id: UUID | None = None
    dialect: Dialect = "flat"
    overrides: Mapping[str, Any] = field(default_factory=dict)
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    provider: str
    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


async def prepare_delivery(
    database: Database | None, senders: Senders, trial: Trial, *, door_url: str, default_provider: str = "skytells"
) -> Prepared:
    """`database` is only asked for the prediction, if one is named. Raises InvalidRequest, PredictionNotFound,
    NotAttachable."""
    provider, provider_id = trial.provider, f"pred_test_{secrets.token_hex(6)}"
    if trial.prediction_id is not None and database is not None:
        provider, provider_id = await _known(database, trial.prediction_id, provider)
    sender = _sender(senders, provider or default_provider)
    body = _body(trial, sender.provider, provider_id)
    proof = sender.sign(f"msg_{secrets.token_hex(8)}", body)
    headers = {"content-type": "application/json", "user-agent": AGENT, **proof}
    return Prepared(sender.provider, door_url.rstrip("/") + sender.path, headers, body)


async def send_prepared(prepared: Prepared) -> Knock:
    return await knock(prepared.url, prepared.body, prepared.headers)


async def _known(database: Database, prediction_id: UUID, provider: str | None) -> tuple[str, str]:
    async with database.transaction() as tx:
        prediction = await predictions.load(tx, prediction_id)
    if prediction is None:
        raise PredictionNotFound("There is no such prediction.")
    if provider not in (None, prediction.provider):
        raise NotAttachable(f"That prediction is {prediction.provider}'s.")
    if prediction.provider_id is None:
        raise NotAttachable("No provider has taken that prediction yet, so nobody could tell of it.")
    return prediction.provider, prediction.provider_id


def _sender(senders: Senders, provider: str) -> Sender:
    if provider in senders:
        return senders[provider]
    known = ", ".join(senders) or "nobody, since no webhook secret is set"
    why = UNSIGNABLE.get(provider, f"its webhook secret is not set here; we can sign as {known}")
    raise _problem("provider", why)


def _body(trial: Trial, provider: str, provider_id: str) -> bytes:
    """Written compactly; a `body` that is only to be sent is sent to the byte."""
    if trial.body is not None and not trial.overrides:
        return trial.body.encode()
    try:
        return json.dumps(changed(_base(trial, provider, provider_id), trial.overrides), ensure_ascii=False).encode()
    except UnusableOverride as error:
        raise _problem("overrides", str(error)) from None


def _base(trial: Trial, provider: str, provider_id: str) -> dict[str, Any]:
    if trial.body is None:
        event = event_of(trial.event)
        if event is None:
            raise _problem("event", f"one of {', '.join(dict.fromkeys(EVENTS.values()))}")
        return composed(provider, event, provider_id, dialect=trial.dialect)
    try:
        parsed = json.loads(trial.body)
    except (ValueError, RecursionError):
        raise _problem("body", "is not JSON, so nothing in it can be changed by path") from None
    if not isinstance(parsed, dict):
        raise _problem("body", "is no JSON object, so nothing in it can be changed by path")
    return parsed


def _problem(name: str, message: str) -> InvalidRequest:
    return InvalidRequest(f"The delivery cannot be made: {name}: {message}.", problems=(FieldProblem(name, message),))
