"""The body of a client's webhook, in the shape of the face by which its prediction was ordered, or of our own API."""

from collections.abc import Callable, Mapping

from app.db.notices import Notice
from app.domain.prediction import Prediction
from app.web.compat import skytells
from app.web.compat.replicate import objects as replicate
from app.web.views import Views

Body = Callable[[Views, Prediction, Notice], bytes]

BODIES: Mapping[str | None, Body] = {
    None: Views.notice,
    "replicate": replicate.notice_body,
    skytells.NAME: skytells.notice_body,
}


def notice_body(views: Views, prediction: Prediction, notice: Notice) -> bytes:
    return BODIES.get(prediction.face, Views.notice)(views, prediction, notice)
