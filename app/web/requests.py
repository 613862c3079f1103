"""Reading a request strictly: bounded bytes, one spelling of JSON, headers that stand once."""

import asyncio
import json
import math
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from app.domain.errors import FieldProblem, InvalidIdempotencyKey, InvalidRequest
from app.web.errors import RequestProblem

LARGEST_BODY = 1_000_000
DEEPEST = 64
BODY_SECONDS = 30.0
LONGEST_WAIT = 60
LONGEST_KEY = 255

Body = TypeVar("Body", bound=BaseModel)


async def read_body(request: Request, limit: int = LARGEST_BODY) -> bytes:
    """The raw bytes. Refused before the end is read if there are too many, and when they drip."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        _too_large(limit)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    _too_large(limit)
    except TimeoutError:
        raise RequestProblem(408, "body_too_slow", f"The body took longer than {BODY_SECONDS:.0f} s.") from None
    except ClientDisconnect:
        raise RequestProblem(400, "invalid_request", "The connection ended within the body.") from None
    return bytes(body)


async def read_json(request: Request, shape: type[Body]) -> Body:
    """The body as `shape`. Raises RequestProblem or InvalidRequest, which name what is wrong and where."""
    _check_content_type(request)
    value = parse_json(await read_body(request))
    if not isinstance(value, dict):
        raise RequestProblem(400, "invalid_json", "The body must be a JSON object.")
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        raise InvalidRequest("The body does not fit; see `errors`.", problems=_field_problems(error)) from None


def parse_json(body: bytes) -> Any:
    """JSON in UTF-8 without duplicate keys, NaN, infinities, NUL, lone surrogates or more than 64 levels."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise RequestProblem(400, "invalid_json", "The body is not UTF-8.") from None
    try:
        value = json.loads(
            text, object_pairs_hook=_without_duplicates, parse_constant=_no_constant, parse_float=_finite
        )
    except RecursionError:
        raise RequestProblem(400, "invalid_json", f"The body is nested more than {DEEPEST} deep.") from None
    except ValueError as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise RequestProblem(400, "invalid_json", f"The body is not JSON{where}.") from None
    _check_values(value)
    return value


def single_header(request: Request, name: str) -> str | None:
    """Its value; a header that may stand once and is given twice is refused."""
    values = request.headers.getlist(name)
    if len(values) > 1:
        raise RequestProblem(400, "invalid_header", f"The header {name} is given more than once.")
    return values[0] if values else None


def idempotency_key(request: Request) -> str | None:
    key = single_header(request, "Idempotency-Key")
    if key is not None and not (1 <= len(key) <= LONGEST_KEY and all(33 <= ord(sign) <= 126 for sign in key)):
        field = FieldProblem("Idempotency-Key", f"1–{LONGEST_KEY} visible ASCII characters")
        raise InvalidIdempotencyKey("The Idempotency-Key cannot be used.", problems=(field,))
    return key


def preferred_wait(request: Request) -> int | None:
    """`Prefer: wait=N` in seconds, clamped to 1–60; bare `wait` is 60; other preferences are ignored (RFC 7240)."""
    for preference in (single_header(request, "Prefer") or "").split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() != "wait":
            continue
        value = value.strip().strip('"')
        return LONGEST_WAIT if not value else clamp_wait(value, "Prefer")
    return None


def clamp_wait(text: str, field: str) -> int:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if math.isnan(seconds):
        problem = FieldProblem(field, "must be a number of seconds")
        raise InvalidRequest("The time to wait is not a number.", problems=(problem,))
    return int(min(max(seconds, 1), LONGEST_WAIT))


def _check_content_type(request: Request) -> None:
    given = single_header(request, "Content-Type") or ""
    media_type, _, parameters = given.partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if media_type.strip().lower() != "application/json" or charset not in (
        "",
        "charset=utf-8",
        "charset=utf8",
    ):
        raise RequestProblem(415, "unsupported_media_type", "Send the body as Content-Type: application/json.")


def _too_large(limit: int) -> NoReturn:
    raise RequestProblem(413, "body_too_large", f"The body may have at most {limit:,} bytes.")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        problem = FieldProblem(_printable(twice), "is given twice")
        raise RequestProblem(400, "invalid_json", "A key is given twice in one object.", problems=(problem,))
    return value


def _no_constant(name: str) -> NoReturn:
    raise RequestProblem(400, "invalid_json", f"{name} is not JSON.")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise RequestProblem(400, "invalid_json", "A number is too large.")
    return value


def _check_values(value: Any) -> None:
    """Depth, and the two kinds of text that cannot be stored."""
    pending: list[tuple[Any, str, int]] = [(value, "", 1)]
    while pending:
        item, path, depth = pending.pop()
        if isinstance(item, str):
            _check_text(item, path)
        elif isinstance(item, dict | list):
            if depth > DEEPEST:
                raise RequestProblem(400, "invalid_json", f"The body is nested more than {DEEPEST} deep.")
            entries = item.items() if isinstance(item, dict) else enumerate(item)
            for name, inner in entries:
                _check_text(str(name), path)
                pending.append((inner, f"{path}.{name}".lstrip("."), depth + 1))


def _check_text(text: str, path: str) -> None:
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        problem = FieldProblem(_printable(path) or "body", "has a NUL or half of a surrogate pair")
        raise RequestProblem(400, "invalid_text", "A text cannot be stored.", problems=(problem,))


def _printable(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()[:100]


def _field_problems(error: ValidationError) -> tuple[FieldProblem, ...]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return tuple(
        FieldProblem(_printable(".".join(map(str, each["loc"]))) or "body", each["msg"]) for each in found[:20]
    )
