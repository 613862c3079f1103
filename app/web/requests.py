"""Reading a request strictly: bounded bytes, headers that stand once, times to wait that are numbers."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from app.domain.errors import FieldProblem, InvalidIdempotencyKey, InvalidRequest
from app.web.errors import RequestProblem
from app.web.shared import shared
from app.web.strict_json import parse_json, printable

LARGEST_BODY = 1_000_000
SMALL_BODY = 50_000
"""More than this takes long enough to read that others should get their turn meanwhile."""
LONGEST_WAIT = 60
LONGEST_KEY = 255
MOST_PROBLEMS = 20
CHARSETS = ("", "charset=utf-8", "charset=utf8")

Body = TypeVar("Body", bound=BaseModel)


async def read_body(request: Request, limit: int = LARGEST_BODY, seconds: float | None = None) -> bytes:
    """The raw bytes. Refused before the end is read if there are too many, and when they drip."""
    body = bytearray()

    async def take(chunk: bytes) -> None:
        body.extend(chunk)

    await pour_body(request, take, limit, seconds or shared(request).policy.body_seconds)
    return bytes(body)


async def pour_body(request: Request, take: Callable[[bytes], Awaitable[None]], limit: int, seconds: float) -> None:
    """The raw bytes, piece by piece, with the same bounds."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        _too_large(limit)
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    _too_large(limit)
                await take(chunk)
    except TimeoutError:
        raise RequestProblem("body_too_slow", f"The body took longer than {seconds:g} s.") from None
    except ClientDisconnect:
        raise RequestProblem("client_gone", "The connection ended within the body.") from None


async def read_json(request: Request, shape: type[Body]) -> Body:
    """The body as `shape`. Raises RequestProblem or InvalidRequest, which name what is wrong and where."""
    return fitted(await read_object(request), shape)


async def read_object(request: Request) -> dict[str, Any]:
    """The body, a JSON object. Raises RequestProblem."""
    _check_content_type(request)
    body = await read_body(request)
    value = parse_json(body) if len(body) <= SMALL_BODY else await asyncio.to_thread(parse_json, body)
    if not isinstance(value, dict):
        raise RequestProblem("invalid_json", "The body must be a JSON object.")
    return value


def fitted(value: dict[str, Any], shape: type[Body]) -> Body:
    """Raises InvalidRequest."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        raise InvalidRequest("The body does not fit; see `errors`.", problems=_field_problems(error)) from None


def single_header(request: Request, name: str) -> str | None:
    """Its value; a header that may stand once and is given twice is refused."""
    values = request.headers.getlist(name)
    if len(values) > 1:
        raise RequestProblem("invalid_header", f"The header {name} is given more than once.")
    return values[0] if values else None


def listed_header(request: Request, name: str) -> list[str]:
    """The members of a header that may stand several times."""
    members = ",".join(request.headers.getlist(name)).split(",")
    return [member.strip() for member in members if member.strip()]


def single_parameter(request: Request, name: str) -> str | None:
    values = request.query_params.getlist(name)
    if len(values) > 1:
        raise bad_parameter(name, "is given more than once")
    return values[0] if values else None


def idempotency_key(request: Request) -> str | None:
    key = single_header(request, "Idempotency-Key")
    if key is not None and not (1 <= len(key) <= LONGEST_KEY and all(33 <= ord(sign) <= 126 for sign in key)):
        field = FieldProblem("Idempotency-Key", f"1–{LONGEST_KEY} visible ASCII characters")
        raise InvalidIdempotencyKey("The Idempotency-Key cannot be used.", problems=(field,))
    return key


def preferred_wait(request: Request) -> int | None:
    """`Prefer: wait=N` in seconds, clamped to 1–60; bare `wait` is 60; other preferences are ignored (RFC 7240)."""
    for preference in listed_header(request, "Prefer"):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "wait":
            value = value.strip().strip('"')
            return clamp_wait(value, "Prefer") if value else LONGEST_WAIT
    return None


def clamp_wait(text: str, field: str) -> int:
    if re.fullmatch(r"[+-]?\d{1,100}(\.\d{0,100})?", text, re.ASCII) is None:
        problem = FieldProblem(field, "must be a number of seconds")
        raise InvalidRequest("The time to wait is not a number.", problems=(problem,))
    return int(min(max(float(text), 1), LONGEST_WAIT))


def bad_parameter(name: str, message: str) -> InvalidRequest:
    return InvalidRequest("A parameter does not fit.", problems=(FieldProblem(printable(name), message),))


def _check_content_type(request: Request) -> None:
    media_type, _, parameters = (single_header(request, "Content-Type") or "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if media_type.strip().lower() != "application/json" or charset not in CHARSETS:
        raise RequestProblem("unsupported_media_type", "Send the body as Content-Type: application/json.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise RequestProblem("unsupported_media_type", "Send the body as it is, without Content-Encoding.")


def _too_large(limit: int) -> NoReturn:
    raise RequestProblem("body_too_large", f"The body may have at most {limit:,} bytes.")


def _field_problems(error: ValidationError) -> tuple[FieldProblem, ...]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return tuple(
        FieldProblem(printable(".".join(map(str, each["loc"]))) or "body", each["msg"])
        for each in found[:MOST_PROBLEMS]
    )
