"""What the studio needs beside the rest: quotes, the live stream, sessions, and the gallery."""

from app.web import schemas
from app.web.operations.operation import JSON, KEYED, ORDER, Operation
from app.web.parameters import GALLERY, ID

NOT_OF_QUOTES = (
    "invalid_idempotency_key",
    "idempotency_conflict",
    "storage_full",
    "too_many_unfinished",
    "content_refused",
    "moderation_unavailable",
    "budget_exceeded",
)

STUDIO = (
    Operation(
        "post",
        "/api/quote",
        "quote",
        "Ask what a create would cost",
        "money",
        about="The body of `POST /api/generate`, or of `POST /api/predictions`. Refused as the create would be, but "
        "moderation is not asked, and nothing is stored or held.",
        body=schemas.Generate,
        answer=schemas.QuoteView,
        answers="The price, the input as the model takes it, and whether the budget covers it.",
        problems=tuple(code for code in ORDER if code not in NOT_OF_QUOTES),
    ),
    Operation(
        "get",
        "/api/live",
        "live",
        "Follow all of your predictions",
        about="Server-sent events: `hello` first, and again whenever something may have been missed: then read the "
        "list. `prediction` is one as it is after a change, `deleted` the `id` of one that is gone; `delivery`, with "
        "the scope `admin`, one that came in.",
        answers="A stream without end.",
        problems=(*KEYED, "too_many_streams"),
        media_types=("text/event-stream",),
    ),
    Operation(
        "post",
        "/api/predictions/{id}/publish",
        "publishPrediction",
        "Show it to everybody",
        about="In the gallery, with its prompt, its model and its files, and nothing else.",
        answer=schemas.PredictionView,
        answers="Published.",
        parameters=(ID,),
        problems=(*KEYED, "prediction_not_found", "not_publishable"),
    ),
    Operation(
        "delete",
        "/api/predictions/{id}/publish",
        "unpublishPrediction",
        "Take it out of the gallery",
        answer=schemas.PredictionView,
        answers="Gone from the gallery at once.",
        parameters=(ID,),
        problems=(*KEYED, "prediction_not_found"),
    ),
    Operation(
        "get",
        "/api/gallery",
        "listGallery",
        "List what is published, newest first",
        answer=schemas.GalleryPage,
        answers="One page.",
        parameters=GALLERY,
        problems=("invalid_request", "unavailable"),
        open=True,
    ),
    Operation(
        "get",
        "/api/session",
        "readSession",
        "Who is asking",
        "service",
        answer=schemas.SessionView,
        answers="By the cookie, by a key, or nobody.",
        problems=("invalid_header", "unavailable"),
        open=True,
    ),
    Operation(
        "post",
        "/api/session",
        "signIn",
        "Sign a browser in",
        "service",
        about="Sets a cookie that no script can read, with the key's scopes, limits and budgets. It ends twelve hours "
        "after its last use, after a week, and with the key. What is sent with it must come from a page of ours.",
        body=schemas.SignIn,
        answer=schemas.SessionView,
        status=201,
        answers="Signed in.",
        problems=(*JSON, "unauthenticated", "rate_limited", "unavailable"),
        open=True,
    ),
    Operation(
        "delete",
        "/api/session",
        "signOut",
        "Sign out",
        "service",
        answer=schemas.SessionView,
        answers="Signed out, whether or not one was signed in.",
        problems=("unavailable",),
        open=True,
    ),
)
