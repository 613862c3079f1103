"""What can be asked for, and which models can do it, as their kinds and schemas tell."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from app.domain.model import Model
from app.domain.parameters import FAMILIES, FAMILY_OF, known_as
from app.domain.schemas import fields_of, required_by


class Operation(StrEnum):
    """The seeds' names, and `img2video`. Providers have verbs of their own beside them, such as `remove-background`."""

    GENERATE = "generate"
    IMG2IMG = "img2img"
    INPAINT = "inpaint"
    UPSCALE = "upscale"
    IMG2VIDEO = "img2video"
    VARIATIONS = "variations"


PICTURES: Mapping[str, tuple[str, ...]] = {
    Operation.IMG2IMG: ("image",),
    Operation.INPAINT: ("image", "mask"),
    Operation.UPSCALE: ("image",),
    Operation.IMG2VIDEO: ("image",),
}
"""Without these fields the operation makes no sense."""
UPSCALERS = ("upscal", "esrgan", "super-resolution")


def operations_of(model: Model) -> tuple[str, ...]:
    """As its table says, else as its kind and schema do. What tells no schema can at least be asked."""
    if model.operations:
        return model.operations
    if not fields_of(model.input_schema):
        return (Operation.GENERATE,)
    made = _of_video(model) if model.kind == "video" else _of_pictures(model)
    again = (Operation.VARIATIONS,) if _has(model, "seed") else ()
    return (*made, *again)


def can(model: Model, operation: str) -> bool:
    """Nobody can say it of a model without schema or table, so that is let try."""
    return operation in operations_of(model) or not (model.operations or fields_of(model.input_schema))


def inferred(given: Mapping[str, Any], model: Model) -> str:
    """What is meant by a form that names no operation: by its pictures, or the one thing that the model does."""
    families = {FAMILY_OF.get(name) for name in given}
    if not families & {"image", "mask"}:
        return Operation.GENERATE
    image = Operation.IMG2VIDEO if model.kind == "video" else Operation.IMG2IMG
    guess: str = Operation.INPAINT if "mask" in families else image
    offered = [each for each in operations_of(model) if each != Operation.VARIATIONS]
    return offered[0] if guess not in offered and len(offered) == 1 and _has(model, "image") else guess


def lacking(operation: str, given: Mapping[str, Any]) -> tuple[str, ...]:
    """The pictures that it needs and that are not given."""
    families = {FAMILY_OF.get(name) for name in given}
    return tuple(name for name in PICTURES.get(operation, ()) if name not in families)


def _of_pictures(model: Model) -> tuple[str, ...]:
    """Songs and speech too: what takes no picture generates."""
    if not _has(model, "image"):
        return (Operation.GENERATE,)
    if _is_upscaler(model):
        return (Operation.UPSCALE,)
    generates = () if _needs(model, "image") else (Operation.GENERATE,)
    redraws = () if _needs(model, "mask") else (Operation.IMG2IMG,)
    inpaints = (Operation.INPAINT,) if _has(model, "mask") else ()
    return (*generates, *redraws, *inpaints)


def _of_video(model: Model) -> tuple[str, ...]:
    generates = () if _needs(model, "image") else (Operation.GENERATE,)
    return (*generates, Operation.IMG2VIDEO) if _has(model, "image") else generates


def _is_upscaler(model: Model) -> bool:
    """It enlarges a picture, and says so by its name, or by a factor where no prompt is needed."""
    if any(word in model.slug.lower() for word in UPSCALERS):
        return True
    return _has(model, "scale") and _needs(model, "image") and "prompt" not in required_by(model.input_schema)


def _has(model: Model, name: str) -> bool:
    return known_as(name, model) is not None


def _needs(model: Model, family: str) -> bool:
    return not required_by(model.input_schema).isdisjoint(FAMILIES[family])
