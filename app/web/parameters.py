"""The parameters of the operations, for the OpenAPI document."""

from typing import Any


def parameter(name: str, where: str, text: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": where, "description": text, "schema": schema, "required": required}


STRING = {"type": "string"}
ID = parameter("id", "path", "The prediction's id.", {"type": "string", "format": "uuid"}, required=True)
CREATING = (
    parameter(
        "Idempotency-Key",
        "header",
        "The same key and body within 24 hours: the same prediction, bought once.",
        {"type": "string", "minLength": 1, "maxLength": 255},
    ),
    parameter("Prefer", "header", "`wait=N` holds the answer for up to N (1–60) seconds until it is final.", STRING),
)
READING = (
    parameter(
        "wait",
        "query",
        "Hold for up to N (1–60) seconds: until it differs from `If-None-Match`, or is final.",
        {"type": "number"},
    ),
    parameter("If-None-Match", "header", "The `ETag` of the last answer; 304 while nothing changed.", STRING),
    parameter("token", "query", "The prediction's `client_token`, in place of a key.", STRING),
)
TIME = {"type": "string", "format": "date-time"}
FILTERS = (
    parameter(
        "limit",
        "query",
        "Predictions a page.",
        {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
    ),
    parameter("cursor", "query", "`next` of the page before.", STRING),
    parameter(
        "status",
        "query",
        "Only these.",
        {"type": "string", "enum": ["starting", "processing", "succeeded", "failed", "canceled"]},
    ),
    parameter("provider", "query", "Only this provider's.", STRING),
    parameter("model", "query", "Only this model's.", STRING),
    parameter("created_after", "query", "From this time on.", TIME),
    parameter("created_before", "query", "Before this time.", TIME),
)
GALLERY = (
    parameter("limit", "query", "Pictures a page.", {"type": "integer", "minimum": 1, "maximum": 100, "default": 24}),
    parameter("cursor", "query", "`next` of the page before.", STRING),
)
DELIVERY = parameter("id", "path", "The delivery's id.", {"type": "string", "format": "uuid"}, required=True)
FLAG = {"type": "string", "enum": ["true", "false"]}
DELIVERIES = (
    *FILTERS[:2],
    parameter("pending", "query", "`true`: only what no prediction has got yet, or what was set aside.", FLAG),
)
UUID = {"type": "string", "format": "uuid"}
ENDPOINT = parameter("id", "path", "The endpoint's id.", UUID, required=True)
EVENT = parameter("id", "path", "The event's id.", UUID, required=True)
EVENTS = (
    *FILTERS[:2],
    parameter("endpoint", "query", "Only what went there.", UUID),
    parameter("prediction", "query", "Only what is about this one.", UUID),
    parameter("state", "query", "Only these.", {"type": "string", "enum": ["pending", "delivered", "failed"]}),
    parameter("type", "query", "Only events of this type, such as `prediction.succeeded`.", STRING),
)
FULL = parameter("full", "query", "`true` checks the balances too, and has the doctor look.", FLAG)
DAYS = parameter(
    "days",
    "query",
    "How many days to look back.",
    {"type": "integer", "minimum": 1, "maximum": 366, "default": 30},
)
SIGNATURE = parameter(
    "X-Skytells-Signature",
    "header",
    "HMAC-SHA256 of the raw body, in hex, with or without `sha256=`.",
    STRING,
    required=True,
)
PROVIDER = parameter("provider", "path", "Such as `skytells`.", STRING, required=True)
MODEL = parameter("model", "path", "Its slug, which may have slashes.", STRING, required=True)
MODEL_FILTERS = (
    parameter("operation", "query", "Only models that can do this, such as `img2img`.", STRING),
    parameter("provider", "query", "Only this provider's.", STRING),
)
UPLOAD = parameter("id", "path", "The upload's id, such as `file_…`.", STRING, required=True)
KEEP_METADATA = parameter(
    "keep_metadata",
    "query",
    "`true` keeps EXIF, XMP and whatever else is in it.",
    {"type": "string", "enum": ["true", "false"]},
)
KEY = parameter("key", "path", "The file's key, which is its capability.", STRING, required=True)
RANGE = parameter("Range", "header", "One range of bytes, such as `bytes=0-1023`.", STRING)
KNOWN_FILE = parameter("If-None-Match", "header", "The `ETag` of an earlier answer.", STRING)
LAST_EVENT = parameter("Last-Event-ID", "header", "The id of the last event you have seen.", STRING)
TOKEN = READING[-1]
IDEMPOTENCY = CREATING[0]
