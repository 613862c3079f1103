"""The body of a client's webhook, in the shape of the face by which its prediction was ordered, or of our own API; of
an endpoint's always in our own."""

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


def notice_body(views: Views, prediction: Prediction | None, notice: Notice) -> bytes:
    """Endpoints get our own shape, whichever way it was ordered."""
    if prediction is None or notice.endpoint_id is not None:
        return views.notice(prediction, notice)
    return BODIES.get(prediction.face, Views.notice)(views, prediction, notice)
