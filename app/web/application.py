"""The application: routes, middleware and error handlers, around what the lifespan opens."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import TypedDict

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route

from app.domain.caller import Scope
from app.domain.errors import DarkroomError
from app.web import (
    condition,
    deliveries,
    docs,
    emulator,
    endings,
    files,
    gallery,
    health,
    live,
    llms,
    metrics,
    models,
    money,
    predictions,
    quotes,
    sessions,
    streams,
    studio,
    uploads,
    variations,
    webhook_endpoints,
    webhook_events,
    webhooks,
)
from app.web.auth import local, owned
from app.web.compat import openai, replicate, skytells
from app.web.errors import on_darkroom_error, on_http_exception
from app.web.limits import limited
from app.web.middleware import CarefulHeaders, RequestId, Unbroken, careful_headers
from app.web.origins import OwnOrigins
from app.web.polls.quick import QuickPolls
from app.web.rush import RushDoor
from app.web.shared import Shared
from app.web.traffic import Traffic, Watched

EXPOSED = (
    "ETag",
    "Location",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "X-Request-ID",
    "Preference-Applied",
)


class State(TypedDict):
    shared: Shared


creates, batches = partial(limited, "create"), partial(limited, "batch")
sends, quoted = partial(limited, "upload"), partial(limited, "quote")


def routes() -> list[BaseRoute]:
    return [
        Route("/api/predictions", owned(creates(predictions.create)), methods=["POST"], name="create_prediction"),
        Route("/api/predictions", owned(predictions.page), methods=["GET"], name="list_predictions"),
        Route("/api/predictions/{id}", predictions.read, methods=["GET"], name="read_prediction"),
        Route("/api/predictions/{id}", owned(endings.delete), methods=["DELETE"], name="delete_prediction"),
        Route("/api/predictions/{id}/cancel", owned(endings.cancel), methods=["POST"], name="cancel_prediction"),
        Route("/api/predictions/{id}/events", streams.stream, methods=["GET"], name="stream_prediction"),
        Route("/api/predictions/{id}/receipt", owned(endings.receipt), methods=["GET"], name="read_receipt"),
        Route("/api/predictions/{id}/publish", owned(gallery.publish), methods=["POST"], name="publish"),
        Route("/api/predictions/{id}/publish", owned(gallery.unpublish), methods=["DELETE"], name="unpublish"),
        Route("/api/webhook-secret", owned(endings.webhook_secret), methods=["GET"], name="read_webhook_secret"),
        Route("/api/generate", owned(creates(predictions.generate)), methods=["POST"], name="generate"),
        Route("/api/img2img", owned(creates(predictions.img2img)), methods=["POST"], name="img2img"),
        Route("/api/inpaint", owned(creates(predictions.inpaint)), methods=["POST"], name="inpaint"),
        Route("/api/upscale", owned(creates(predictions.upscale)), methods=["POST"], name="upscale"),
        Route("/api/predictions/{id}/variations", owned(creates(variations.create)), methods=["POST"], name="vary"),
        Route("/api/batches", owned(batches(money.create)), methods=["POST"], name="create_batch"),
        Route("/api/batches/{id}", owned(money.read), methods=["GET"], name="read_batch"),
        Route("/api/files", owned(sends(uploads.create)), methods=["POST"], name="upload_file"),
        Route("/api/files/{id}", owned(uploads.read), methods=["GET"], name="read_upload"),
        Route("/api/files/{id}", owned(uploads.delete), methods=["DELETE"], name="delete_upload"),
        Route("/api/quote", owned(quoted(quotes.quote)), methods=["POST"], name="quote"),
        Route("/api/live", owned(live.stream), methods=["GET"], name="live"),
        Route("/api/session", sessions.read, methods=["GET"], name="read_session"),
        Route("/api/session", sessions.create, methods=["POST"], name="sign_in"),
        Route("/api/session", sessions.delete, methods=["DELETE"], name="sign_out"),
        Route("/api/gallery", gallery.items, methods=["GET"], name="list_gallery"),
        Route("/api/costs", owned(money.costs), methods=["GET"], name="read_costs"),
        Route("/api/models", owned(models.models), methods=["GET"], name="list_models"),
        Route("/api/models/{provider}/{model:path}", owned(models.model), methods=["GET"], name="read_model"),
        Route("/api/webhooks", webhooks.receive, methods=["POST"], name="receive_webhook"),
        Route("/api/webhooks/{provider}", webhooks.receive, methods=["POST"], name="receive_provider_webhook"),
        *outbound(),
        *inspector(),
        replicate.face(),
        Route("/files/{key}", files.read, methods=["GET"], name="read_file"),
        Route("/health", health.alive, methods=["GET"], name="health"),
        Route("/health/ready", health.ready, methods=["GET"], name="ready"),
        Route("/metrics", owned(metrics.metrics, Scope.ADMIN), methods=["GET"], name="metrics"),
        Route("/openapi.json", local(docs.openapi), methods=["GET"], name="openapi"),
        Route("/docs", local(docs.page), methods=["GET"], name="docs"),
        Route("/llms.txt", local(llms.index), methods=["GET"], name="llms"),
        Route("/llms-full.txt", local(llms.full), methods=["GET"], name="llms_full"),
        Route("/", studio.index, methods=["GET"], name="studio", include_in_schema=False),
        Route("/client.js", studio.client, methods=["GET"], include_in_schema=False),
        Route("/client.d.ts", studio.client, methods=["GET"], include_in_schema=False),
        Route("/studio/{path:path}", studio.asset, methods=["GET"], name="studio_asset", include_in_schema=False),
        Route("/gallery", gallery.page, methods=["GET"], name="gallery", include_in_schema=False),
        Route("/gallery/{id}", gallery.picture, methods=["GET"], name="gallery_picture", include_in_schema=False),
        skytells.face(),
        openai.face(),
    ]


def outbound() -> list[BaseRoute]:
    """Where owners are told of what happens, and what they were told."""
    root, events = "/api/webhook-endpoints", "/api/webhook-events"
    one = f"{root}/{{id}}"
    return [
        Route(root, owned(webhook_endpoints.create), methods=["POST"], name="create_endpoint"),
        Route(root, owned(webhook_endpoints.page), methods=["GET"], name="list_endpoints"),
        Route(one, owned(webhook_endpoints.read), methods=["GET"], name="read_endpoint"),
        Route(one, owned(webhook_endpoints.change), methods=["PATCH"], name="change_endpoint"),
        Route(one, owned(webhook_endpoints.delete), methods=["DELETE"], name="delete_endpoint"),
        Route(f"{one}/secret", owned(webhook_endpoints.secret), methods=["GET"], name="read_endpoint_secret"),
        Route(f"{one}/rotate", owned(webhook_endpoints.rotate), methods=["POST"], name="rotate_endpoint_secret"),
        Route(f"{one}/test", owned(webhook_endpoints.test), methods=["POST"], name="test_endpoint"),
        Route(f"{one}/resend", owned(webhook_endpoints.resend), methods=["POST"], name="resend_missed"),
        Route(f"{one}/attempts", owned(webhook_endpoints.attempts), methods=["GET"], name="list_attempts"),
        Route(events, owned(webhook_events.page), methods=["GET"], name="list_webhook_events"),
        Route(f"{events}/{{id}}", owned(webhook_events.read), methods=["GET"], name="read_webhook_event"),
        Route(f"{events}/{{id}}/resend", owned(webhook_events.resend), methods=["POST"], name="resend_webhook_event"),
    ]


def inspector() -> list[BaseRoute]:
    """For who runs it: what the providers delivered, how everything is, and how the emulator misbehaves."""
    admin = partial(owned, scope=Scope.ADMIN)
    one = "/api/deliveries/{id}"
    return [
        Route("/api/deliveries", admin(deliveries.page), methods=["GET"], name="list_deliveries"),
        Route("/api/deliveries/rejected", admin(deliveries.rejected), methods=["GET"], name="list_rejected"),
        Route("/api/deliveries/test", admin(deliveries.send), methods=["POST"], name="send_delivery"),
        Route(one, admin(deliveries.read), methods=["GET"], name="read_delivery"),
        Route(f"{one}/replay", admin(deliveries.replay), methods=["POST"], name="replay_delivery"),
        Route(f"{one}/attach", admin(deliveries.attach), methods=["POST"], name="attach_delivery"),
        Route("/api/health/details", admin(condition.details), methods=["GET"], name="read_health_details"),
        Route("/api/dev/faults", admin(emulator.read), methods=["GET"], name="read_faults"),
        Route("/api/dev/faults", admin(emulator.direct), methods=["POST"], name="set_faults"),
    ]


def create_application(
    open_shared: Callable[[], AbstractAsyncContextManager[Shared]],
    *,
    cors_origins: Sequence[str] = (),
    public_url: str = "",
    secure: bool = False,
    traffic: Traffic | None = None,
) -> Starlette:
    """`open_shared` is entered in the lifespan and left at its end. `secure`: our address is https, and stays so. Pages
    under `public_url` are our own. `traffic` counts what is answered."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[State]:
        async with open_shared() as shared:
            yield {"shared": shared}

    counted = traffic or Traffic()
    made = Starlette(
        routes=routes(),
        lifespan=lifespan,
        middleware=[
            Middleware(QuickPolls, traffic=counted),
            Middleware(RushDoor, traffic=counted, always=careful_headers(secure=secure)),
            Middleware(RequestId),
            Middleware(Watched, traffic=counted),
            Middleware(CarefulHeaders, secure=secure),
            *_cors(cors_origins),
            Middleware(OwnOrigins, public_url=public_url, named=cors_origins),
            Middleware(Unbroken),
        ],
        exception_handlers={DarkroomError: on_darkroom_error, HTTPException: on_http_exception},
    )
    made.router.redirect_slashes = False  # such a redirect would be built from the request's Host
    return made


def _cors(origins: Sequence[str]) -> list[Middleware]:
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "If-None-Match",
                "Prefer",
                "X-API-Key",
                "X-Request-ID",
            ],
            expose_headers=list(EXPOSED),
            max_age=600,
        )
    ]
