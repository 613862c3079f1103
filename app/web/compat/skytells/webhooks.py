"""A create's webhook, in each of the ways in which Skytells' clients ask for one, and what is sent to it."""

import json
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from app.db.notices import Notice
from app.domain.errors import FieldProblem, InvalidRequest
from app.domain.notices import COMPLETED, START
from app.domain.prediction import Prediction, Status, Webhook
from app.web.compat.skytells.views import prediction_view
from app.web.orders import checked_webhook
from app.web.shared import Policy
from app.web.views import Views

SUCCEEDED, FAILED, CANCELED = Status.SUCCEEDED.value, Status.FAILED.value, Status.CANCELED.value
EVENTS: Mapping[str, str] = {
    "started": START,
    "completed": SUCCEEDED,
    "failed": FAILED,
    "canceled": CANCELED,
    "cancelled": CANCELED,
    "prediction.started": START,
    "prediction.succeeded": SUCCEEDED,
    "prediction.failed": FAILED,
    "prediction.canceled": CANCELED,
    "prediction.cancelled": CANCELED,
}
"""Theirs to ours: `completed` is a success, and no other end."""
Filter = Literal["start", "output", "logs", "completed"]
"""Beside a plain URL; here `completed` is any end. Of outputs and logs on the way there is nothing to tell."""


class WebhookForm(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    url: str
    events: list[str] = []


def webhook_of(given: str | WebhookForm | None, only: Sequence[Filter] | None, policy: Policy) -> Webhook | None:
    """Raises InvalidRequest."""
    if given is None or isinstance(given, str):
        return checked_webhook(given, only, policy)
    unknown = [each for each in given.events if each not in EVENTS]
    if unknown or only is not None:
        problem = FieldProblem("webhook.events", f"are of {', '.join(EVENTS)}, and are said once")
        raise InvalidRequest("The webhook's events do not fit.", problems=(problem,))
    return checked_webhook(given.url, list(dict.fromkeys(EVENTS[each] for each in given.events)), policy)


def notice_body(views: Views, prediction: Prediction, notice: Notice) -> bytes:
    """The prediction itself; of a start as it was then, whatever has become of it."""
    began = notice.event != COMPLETED
    view = prediction_view(views, prediction, began=began)
    return json.dumps(view, ensure_ascii=False, separators=(",", ":")).encode()
