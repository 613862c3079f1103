"""Ears outside: traces to an OTLP collector, unexpected errors to Sentry, milestones to PostHog. Each only if its
setting is there, and only then is its package loaded."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Literal

from app.settings import Settings

__all__ = ["open_telemetry"]

Role = Literal["web", "worker"]


@asynccontextmanager
async def open_telemetry(settings: Settings, role: Role) -> AsyncIterator[None]:
    """Once for a process. Nothing is asked of the network before there is something to tell."""
    async with AsyncExitStack() as stack:
        if settings.otel_exporter_otlp_endpoint:
            from app.telemetry.traces import open_traces  # noqa: PLC0415, an extra

            await stack.enter_async_context(open_traces(settings.otel_exporter_otlp_endpoint, role))
        if settings.sentry_dsn.get_secret_value():
            from app.telemetry.errors import open_errors  # noqa: PLC0415, an extra

            await stack.enter_async_context(open_errors(settings, role))
        if settings.posthog_api_key.get_secret_value():
            from app.telemetry.posthog import open_posthog  # noqa: PLC0415, keeps the default start light

            key = settings.posthog_api_key.get_secret_value()
            await stack.enter_async_context(open_posthog(settings.posthog_host, key))
        yield
