"""`POST /images/edits` and `/images/variations`: forms with pictures."""

import asyncio
import dataclasses
import hashlib
from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from app.actions import vary_prediction
from app.actions.find_maker import find_maker
from app.actions.find_model import find_model
from app.actions.upload_file import upload_file
from app.domain.caller import Caller
from app.domain.order import Order
from app.domain.parameters import known_as
from app.domain.prediction import Prediction
from app.storage.inputs import LARGEST_INPUT
from app.storage.masks import white_where_transparent
from app.web.compat.openai import wishes
from app.web.compat.openai.generating import made
from app.web.compat.openai.wishes import OF_A_STREAM, TEXTS, Edit, Variation, Wish
from app.web.forms import Bounds, Form, Part, read_files
from app.web.requests import fitted
from app.web.shared import shared

MOST_PICTURES = 16
TOGETHER = 4 * LARGEST_INPUT
LONGEST_PROMPT = 40_000
"""Bytes: ten thousand letters of any script."""
bounds = partial(Bounds, largest=LARGEST_INPUT, total=TOGETHER, longest_text=LONGEST_PROMPT)
EDITED = bounds({"image": MOST_PICTURES, "mask": 1}, texts=TEXTS)
VARIED = bounds({"image": 1}, texts=tuple(each for each in TEXTS if each not in OF_A_STREAM))


async def edit(request: Request, caller: Caller) -> Response:
    async with read_files(request, EDITED) as form:
        wish = fitted(dict(form.texts), Edit)
        order = await _order(request, caller, wish, form)
    return await made(request, caller, wish, order, "image_edit.completed")


async def vary(request: Request, caller: Caller) -> Response:
    async with read_files(request, VARIED) as form:
        wish = fitted(dict(form.texts), Variation)
        source = await _source(request, caller, form)
        order = await (_order(request, caller, wish, form) if source is None else _drawn(request, caller, wish, source))
    return await made(request, caller, wish, order)


async def _order(request: Request, caller: Caller, wish: Wish, form: Form) -> Order:
    ids: dict[str, list[str]] = {"image": [], "mask": []}
    for part in form.files:
        ids[part.field].append(await _uploaded(request, caller, part))
    pictures = {name: found if len(found) > 1 else found[0] for name, found in ids.items() if found}
    digests = [f"{each.field} {await _digest(each)}" for each in form.files]
    return wishes.edit(wish, pictures, shared(request), digests)


async def _uploaded(request: Request, caller: Caller, part: Part) -> str:
    common = shared(request)
    upload = await upload_file(
        common.database,
        common.blobs,
        common.admission.space,
        common.admission.examiner,
        _white(part.read) if part.field == "mask" else part.read,
        owner=caller.owner,
        keep_metadata=False,
        field=part.field,
    )
    return upload.id


def _white(read: Callable[[], bytes]) -> Callable[[], bytes]:
    return lambda: white_where_transparent(read())


async def _source(request: Request, caller: Caller, form: Form) -> Prediction | None:
    """The caller's own prediction that made this very file."""
    return await find_maker(shared(request).database, await _digest(form.files[0]), owner=caller.owner)


async def _drawn(request: Request, caller: Caller, wish: Wish, source: Prediction) -> Order:
    """One prediction, of `n` pictures where the model can make several."""
    common = shared(request)
    wanted = vary_prediction.Variation(of=source.id, metadata=wishes.metadata_of(wish))
    (order,) = await vary_prediction.variations(common.admission, wanted, caller=caller)
    if wish.n is None:
        return dataclasses.replace(order, face=wishes.NAME)
    model = await find_model(common.models, source.provider, source.model)
    count = known_as("num_outputs", model) or "num_outputs"
    asked = hashlib.sha256((order.asked or b"") + bytes([wish.n])).digest()
    return dataclasses.replace(order, input={**order.input, count: wish.n}, asked=asked, face=wishes.NAME)


async def _digest(part: Part) -> str:
    return await asyncio.to_thread(lambda: hashlib.sha256(part.read()).hexdigest())
