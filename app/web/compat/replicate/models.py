"""Models and their versions, and the search in them.

Nobody here counts runs, and nobody tells when a model was made: the one is 0, the other the beginning of time, since
clients insist on both.
"""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.domain.caller import Caller
from app.domain.errors import ModelNotFound
from app.domain.model import Model
from app.web.compat.replicate.names import Name, everyone, find_named, name_of, versions_of
from app.web.compat.replicate.objects import page_object
from app.web.compat.replicate.orders import PREFIX
from app.web.compat.replicate.predictions import answer, full_name
from app.web.compat.replicate.schemas import openapi_schema
from app.web.requests import bad_parameter, read_body, single_parameter
from app.web.shared import shared
from app.web.strict_json import printable

BEGINNING = "1970-01-01T00:00:00Z"
PAGE = 25
LONGEST_QUERY = 2000


async def page(request: Request, _: Caller) -> Response:
    """By name; `cursor` is the last one that was shown."""
    for unknown in sorted(set(request.query_params) - {"cursor"}):
        raise bad_parameter(unknown, "is not a parameter of this list")
    after = single_parameter(request, "cursor") or ""
    found = [pair for pair in await everyone(shared(request).models) if pair[1].model > after]
    place = f"{shared(request).views.public_url}{PREFIX}/models"
    following = f"{place}?cursor={found[PAGE - 1][1].model}" if len(found) > PAGE else None
    return answer(page_object([_model(request, *pair) for pair in found[:PAGE]], following))


async def search(request: Request, _: Caller) -> Response:
    """The query is the body: as it is from PyPI, in quotes from npm. Every word of it must stand somewhere."""
    text = (await read_body(request, LONGEST_QUERY)).decode("utf-8", "replace").strip()
    words = _unquoted(text).casefold().split()
    found = [
        (model, name)
        for model, name in await everyone(shared(request).models)
        if all(word in f"{name.model} {model.kind} {model.description}".casefold() for word in words)
    ]
    return answer(page_object([_model(request, *pair) for pair in found]))


async def read(request: Request, _: Caller) -> Response:
    model = await find_named(shared(request).models, full_name(request))
    return answer(_model(request, model, name_of(model.provider, model.slug)))


async def versions(request: Request, _: Caller) -> Response:
    found = await versions_of(shared(request).models, full_name(request))
    return answer(page_object([_version(*pair) for pair in found]))


async def version(request: Request, _: Caller) -> Response:
    wanted = request.path_params["version"]
    for model, name in await versions_of(shared(request).models, full_name(request)):
        if name.version == wanted:
            return answer(_version(model, name))
    raise ModelNotFound(f"This model has no version {printable(wanted)}.")


def _model(request: Request, model: Model, name: Name) -> dict[str, Any]:
    return {
        "url": f"{shared(request).views.public_url}/api/models/{model.provider}/{model.slug}",
        "owner": name.owner,
        "name": name.own,
        "description": model.description,
        "visibility": "public",
        "run_count": 0,
        "github_url": None,
        "paper_url": None,
        "license_url": None,
        "cover_image_url": None,
        "default_example": None,
        "latest_version": _version(model, name),
    }


def _version(model: Model, name: Name) -> dict[str, Any]:
    return {
        "id": name.version,
        "created_at": BEGINNING,
        "cog_version": "darkroom",
        "openapi_schema": openapi_schema(model.input_schema),
    }


def _unquoted(text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, str) else text
