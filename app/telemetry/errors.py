"""Unexpected errors to Sentry: whatever was logged as one, with its exception, by us or by those we stand on.

None of Sentry's integrations patches anything here; what is sent is in `scrubbing`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.dedupe import DedupeIntegration

from app.settings import Settings
from app.telemetry.scrubbing import scrubber, secrets_of

LAST_WORDS_SECONDS = 2.0
TAGS = ("request_id", "job", "chore", "subject", "prediction_id")


@asynccontextmanager
async def open_errors(settings: Settings, role: str) -> AsyncIterator[None]:
    sentry_sdk.init(
        settings.sentry_dsn.get_secret_value(),
        environment=settings.environment,
        default_integrations=False,
        integrations=[DedupeIntegration()],
        auto_enabling_integrations=False,
        send_default_pii=False,
        include_local_variables=False,
        max_breadcrumbs=0,
        before_send=scrubber(secrets_of(settings)),  # type: ignore[arg-type]
    )
    ear = Ear(role)
    logging.getLogger().addHandler(ear)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(ear)
        await asyncio.to_thread(sentry_sdk.get_client().close, timeout=LAST_WORDS_SECONDS)


class Ear(logging.Handler):
    """structlog's lines come here with their whole dictionary as message."""

    def __init__(self, role: str) -> None:
        super().__init__(logging.ERROR)
        self._role = role

    def emit(self, record: logging.LogRecord) -> None:
        told: dict[str, Any] = record.msg if isinstance(record.msg, dict) else {}
        error = _exception(told.get("exc_info") or record.exc_info)
        if error is None:
            return
        with sentry_sdk.new_scope() as scope:
            scope.set_tag("role", self._role)
            for name in TAGS:
                if name in told:
                    scope.set_tag(name, str(told[name]))
            scope.capture_exception(error)


def _exception(found: object) -> BaseException | None:
    if isinstance(found, tuple):
        found = found[1]
    return found if isinstance(found, BaseException) else None
