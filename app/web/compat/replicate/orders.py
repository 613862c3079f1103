"""A create in Replicate's words as our Order. The input is the model's own words, in both."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from app.domain.errors import FieldProblem, InvalidRequest, ModelNotFound, UnknownModel
from app.domain.model import Model
from app.domain.notices import COMPLETED, START
from app.domain.order import Maker, Order
from app.domain.pictures import PROSE
from app.domain.prediction import Webhook
from app.domain.upload import UPLOAD_ID
from app.web.auth import given_key
from app.web.compat.replicate.names import VERSION, find_named, find_version
from app.web.orders import checked_webhook
from app.web.requests import read_json
from app.web.shared import Policy, shared

FACE = "replicate"
PREFIX = "/replicate/v1"
EVENTS = {"start": START, "output": COMPLETED, "logs": None, "completed": COMPLETED}
"""Outputs are shown when all are stored, and there are no logs."""


class Create(BaseModel):
    """`stream` is taken and means nothing, as with them; `webhook_completed` is the old name of a webhook."""

    model_config = ConfigDict(extra="forbid", strict=True)

    input: dict[str, Any]
    webhook: str | None = None
    webhook_completed: str | None = None
    webhook_events_filter: list[Literal["start", "output", "logs", "completed"]] | None = None
    stream: bool | None = None


class CreateVersion(Create):
    version: str


async def read_order(request: Request, model: Model | None = None) -> Order:
    """For `model`, or else for the version that the body names.

    Raises InvalidRequest, UnknownModel, ModelListUnavailable.
    """
    if "cancel-after" in request.headers:
        problem = FieldProblem("Cancel-After", "is not kept here; cancel the prediction yourself")
        raise InvalidRequest("There are no deadlines of clients here.", problems=(problem,))
    if model is None:
        body = await read_json(request, CreateVersion)
        model = await _of_version(request, body.version)
        return _order(request, body, model)
    return _order(request, await read_json(request, Create), model)


async def _of_version(request: Request, version: str) -> Model:
    """`owner/name`, `owner/name:version`, or the bare id."""
    models = shared(request).models
    name, _, pinned = version.rpartition(":") if ":" in version else (version, "", "")
    try:
        if pinned:
            return await find_version(models, pinned, name)
        return await (find_version if VERSION.fullmatch(version) else find_named)(models, version)
    except ModelNotFound as unknown:
        problem = FieldProblem("version", "does not exist, or is not permitted")
        raise UnknownModel(unknown.detail, problems=(problem,)) from unknown


def _order(request: Request, body: Create, model: Model) -> Order:
    common = shared(request)
    _refuse_leak(request, body.input)
    return Order(
        maker=Maker(model.provider, model.slug),
        input=_resolved(body.input, f"{common.views.public_url}{PREFIX}/files/"),
        webhook=_webhook(body, common.policy),
        face=FACE,
    )


def _webhook(body: Create, policy: Policy) -> Webhook | None:
    """Left out, the filter is outputs and the end, which here are one."""
    url = body.webhook or body.webhook_completed
    chosen = body.webhook_events_filter or (["completed"] if url else None)
    if body.webhook is None and body.webhook_completed is not None:
        chosen = ["completed"]
    events = None if chosen is None else list(dict.fromkeys(event for each in chosen if (event := EVENTS[each])))
    checked = checked_webhook(url, events, policy)
    return checked if events else None


def _refuse_leak(request: Request, given: Mapping[str, Any]) -> None:
    """npm 1.4.0 with `fileEncodingStrategy: "data-uri"` sends itself as the input, the caller's key within. It is
    neither kept nor passed on nor repeated."""
    key = given_key(request)
    if {"auth", "baseUrl"} <= set(given) or (key is not None and _holds(given, key)):
        problem = FieldProblem("input", "holds a key; your client sent its own settings instead of the input")
        raise InvalidRequest("The input is not one.", problems=(problem,))


def _holds(value: Any, key: str) -> bool:
    if isinstance(value, Mapping):
        return any(_holds(each, key) for each in value.values())
    if isinstance(value, list):
        return any(_holds(each, key) for each in value)
    return isinstance(value, str) and key in value


def _resolved(given: Mapping[str, Any], files: str) -> dict[str, Any]:
    """With the ids of uploads where their addresses in this face stand, which begin with `files`."""

    def put(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: put(each) for name, each in value.items()}
        if isinstance(value, list):
            return [put(each) for each in value]
        named = value.removeprefix(files) if isinstance(value, str) else ""
        return named if UPLOAD_ID.fullmatch(named) else value

    return {name: value if name in PROSE else put(value) for name, value in given.items()}
