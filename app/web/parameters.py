"""The parameters of the operations, for the OpenAPI document."""

from typing import Any


def parameter(
    name: str, where: str, text: str, schema: dict[str, Any], *, required: bool = False, example: Any = None
) -> dict[str, Any]:
    """Code samples send those that have an example, or are required."""
    made = {"name": name, "in": where, "description": text, "schema": schema, "required": required}
    return made if example is None else made | {"example": example}


def path_id(name: str, text: str, example: str, **schema: str) -> dict[str, Any]:
    return parameter(name, "path", text, {"type": "string", **schema}, required=True, example=example)


STRING = {"type": "string"}
ID = path_id("id", "The prediction's id.", "01a1fd34-2f0b-7aa2-a03f-c56d5fb32749", format="uuid")
BATCH = path_id("id", "The batch's id.", "01a1fd35-77c1-7d06-9a4e-0d2f3b8c5e61", format="uuid")
CREATING = (
    parameter(
        "Idempotency-Key",
        "header",
        "The same key and body within 24 hours: the same prediction, bought once.",
        {"type": "string", "minLength": 1, "maxLength": 255},
        example="order-17",
    ),
    parameter(
        "Prefer",
        "header",
        "`wait=N` holds the answer for up to N (1–60) seconds until it is final.",
        STRING,
        example="wait=60",
    ),
)
READING = (
    parameter(
        "wait",
        "query",
        "Hold for up to N (1–60) seconds: until it differs from `If-None-Match`, or is final.",
        {"type": "number"},
        example=60,
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
        example=10,
    ),
    parameter("cursor", "query", "`next` of the page before.", STRING),
    parameter(
        "status",
        "query",
        "Only these.",
        {"type": "string", "enum": ["starting", "processing", "succeeded", "failed", "canceled"]},
        example="succeeded",
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
DELIVERY = path_id("id", "The delivery's id.", "01a1fd36-10f2-7c4b-8e2d-5a7f90c3b1d8", format="uuid")
FLAG = {"type": "string", "enum": ["true", "false"]}
DELIVERIES = (
    *FILTERS[:2],
    parameter(
        "pending", "query", "`true`: only what no prediction has got yet, or what was set aside.", FLAG, example="true"
    ),
)
UUID = {"type": "string", "format": "uuid"}
ENDPOINT = path_id("id", "The endpoint's id.", "01a1fd37-4c5d-7e8f-9a0b-1c2d3e4f5a6b", format="uuid")
EVENT = path_id("id", "The event's id.", "01a1fd38-6d7e-7f80-8b1c-2d3e4f5a6b7c", format="uuid")
EVENTS = (
    *FILTERS[:2],
    parameter("endpoint", "query", "Only what went there.", UUID),
    parameter("prediction", "query", "Only what is about this one.", UUID),
    parameter(
        "state",
        "query",
        "Only these.",
        {"type": "string", "enum": ["pending", "delivered", "failed"]},
        example="failed",
    ),
    parameter(
        "type",
        "query",
        "Only events of this type, such as `prediction.succeeded`.",
        STRING,
        example="prediction.succeeded",
    ),
)
FULL = parameter("full", "query", "`true` checks the balances too, and has the doctor look.", FLAG, example="true")
DAYS = parameter(
    "days",
    "query",
    "How many days to look back.",
    {"type": "integer", "minimum": 1, "maximum": 366, "default": 30},
    example=7,
)
SIGNATURE = parameter(
    "X-Skytells-Signature",
    "header",
    "HMAC-SHA256 of the raw body, in hex, with or without `sha256=`.",
    STRING,
    required=True,
)
PROVIDER = path_id("provider", "Such as `skytells`.", "skytells")
MODEL = path_id("model", "Its slug, which may have slashes.", "truefusion-pro")
MODEL_FILTERS = (
    parameter("operation", "query", "Only models that can do this, such as `img2img`.", STRING, example="img2img"),
    parameter("provider", "query", "Only this provider's.", STRING),
)
UPLOAD = path_id("id", "The upload's id, such as `file_…`.", "file_5b0c4f2e9d7a41638e1f0a2b3c4d5e6f")
KEEP_METADATA = parameter(
    "keep_metadata",
    "query",
    "`true` keeps EXIF, XMP and whatever else is in it.",
    {"type": "string", "enum": ["true", "false"]},
)
KEY = path_id("key", "The file's key, which is its capability.", "mfrggzdfmztwq2lknnwg23tpobyxe43u.png")
RANGE = parameter("Range", "header", "One range of bytes, such as `bytes=0-1023`.", STRING)
KNOWN_FILE = parameter("If-None-Match", "header", "The `ETag` of an earlier answer.", STRING)
LAST_EVENT = parameter("Last-Event-ID", "header", "The id of the last event you have seen.", STRING)
TOKEN = READING[-1]
IDEMPOTENCY = CREATING[0]
