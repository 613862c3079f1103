"""How a create names its webhook: four dialects, by `SKYTELLS_WEBHOOK_FORM`, since the sources do not agree."""

from collections.abc import Callable
from typing import Any, Literal

WebhookForm = Literal["string", "object", "object-prediction", "string-filter"]


def webhook_fields(form: WebhookForm, url: str) -> dict[str, Any]:
    """The create's fields that ask for deliveries of the start and of every end."""
    return _FORMS[form](url)


_FORMS: dict[WebhookForm, Callable[[str], dict[str, Any]]] = {
    "string": lambda url: {"webhook": url},
    "object": lambda url: {
        "webhook": {"url": url, "events": ["completed", "failed", "canceled", "started"]},
    },
    "object-prediction": lambda url: {
        "webhook": {
            "url": url,
            "events": [
                "prediction.started",
                "prediction.succeeded",
                "prediction.failed",
                "prediction.cancelled",
            ],
        }
    },
    "string-filter": lambda url: {"webhook": url, "webhook_events_filter": ["start", "completed"]},
}
