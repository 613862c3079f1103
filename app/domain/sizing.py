"""A wished size or ratio, said in the way that a model takes it.

Sides, `size`, `image_size` and `aspect_ratio` say the same in four ways. What a model can only come near to is made so
and told as an adjustment, and refused where it would be another picture.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.errors import FieldProblem
from app.domain.model import Model
from app.domain.prediction import Adjustment
from app.domain.schemas import facts_of, fields_of
from app.domain.shapes import Shape, nearest, read_shape, sided, sides_for

SHAPE_FIELDS = ("width", "height", "size", "image_size", "aspect_ratio")
USUAL_SIDE = 1024
USUAL_STEP = 16


@dataclass(frozen=True, slots=True)
class Fitted:
    input: Mapping[str, Any] = field(default_factory=dict)
    adjusted: tuple[Adjustment, ...] = ()
    missing: tuple[str, ...] = ()
    problems: tuple[FieldProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Way:
    """What would be sent, and the shape that comes of it."""

    input: Mapping[str, Any]
    shape: Shape


def fit_shape(left: Mapping[str, Any], taken: Mapping[str, Any], model: Model) -> Fitted:
    """`left` are fields that the model lacks, `taken` is what is already said in its own words."""
    said = [name for name in SHAPE_FIELDS if name in taken]
    if not any(name in fields_of(model.input_schema) for name in SHAPE_FIELDS):
        return Fitted(missing=tuple(left))
    if said:
        text = f"{model.slug} has no such field, and {' and '.join(said)} is given; send one size"
        return Fitted(problems=tuple(FieldProblem(name, text) for name in left))
    wanted = _wanted(left)
    if wanted is None:
        return Fitted(problems=tuple(FieldProblem(name, _complaint(left)) for name in left))
    ways = [way for make in _order(wanted) if (way := make(wanted, model)) is not None]
    best = min(ways, key=lambda way: wanted.distance(way.shape)[0], default=None)
    return Fitted(missing=tuple(left)) if best is None else _judged(wanted, best, left, model)


def _judged(wanted: Shape, way: _Way, left: Mapping[str, Any], model: Model) -> Fitted:
    if not wanted.resembles(way.shape):
        text = f"{model.slug} has nothing near {wanted}; the nearest is {way.shape}"
        return Fitted(problems=tuple(FieldProblem(name, text) for name in left))
    if wanted.is_met_by(way.shape):
        return Fitted(way.input)
    text = f"{way.shape} is the nearest that {model.slug} has to {wanted}"
    return Fitted(way.input, tuple(Adjustment(name, text) for name in left))


def _wanted(left: Mapping[str, Any]) -> Shape | None:
    """None where it is said twice, by half, or in words that are no shape."""
    told = [each for each in (read_shape(left.get(name)) for name in SHAPE_FIELDS[2:]) if each is not None]
    sides = sided(left.get("width"), left.get("height"))
    told += [sides] if sides else []
    expected = len(left) - (1 if sides else 0)
    return told[0] if len(told) == 1 == expected else None


def _complaint(left: Mapping[str, Any]) -> str:
    if ("width" in left) != ("height" in left):
        return "width and height go together"
    if len(left) > len({"width", "height"} & set(left)) and len(left) > 1:
        return "say the size once: width and height, size, image_size or aspect_ratio"
    return "is no size such as 1024x768, nor a ratio such as 4:3"


def _order(wanted: Shape) -> tuple[Callable[[Shape, Model], _Way | None], ...]:
    """The most exact way first; for a ratio, as a ratio."""
    exact, as_ratio = (_as_sides, _as_size, _as_image_size), _as_ratio
    return (*exact, as_ratio) if wanted.sides else (as_ratio, *exact)


def _as_sides(wanted: Shape, model: Model) -> _Way | None:
    known = fields_of(model.input_schema)
    if not {"width", "height"} <= set(known):
        return None
    shape = wanted if wanted.sides else _sides_of(wanted, model)
    width, height = shape.sides or (0, 0)
    return _Way({"width": width, "height": height}, shape)


def _sides_of(wanted: Shape, model: Model) -> Shape:
    """As large as the model makes it unasked."""
    both = [facts_of(model.input_schema, name) for name in ("width", "height")]
    unasked = [each.default if isinstance(each.default, int) and each.default > 0 else USUAL_SIDE for each in both]
    return sides_for(
        wanted,
        unasked[0] * unasked[1],
        step=max(1, int(max(each.step or USUAL_STEP for each in both))),
        least=max(each.minimum or 1 for each in both),
        most=min(each.maximum or 2 * USUAL_SIDE for each in both),
    )


def _as_size(wanted: Shape, model: Model) -> _Way | None:
    """A text such as 1024x768; one of the listed, or any where the default is such a text."""
    facts = facts_of(model.input_schema, "size")
    if facts.choices or wanted.sides is None:
        return _chosen("size", wanted, facts.choices)
    usual = read_shape(facts.default)
    return _Way({"size": str(wanted)}, wanted) if usual is not None and usual.sides else None


def _as_image_size(wanted: Shape, model: Model) -> _Way | None:
    """fal's: an object of two sides where the schema takes one, else a preset."""
    facts = facts_of(model.input_schema, "image_size")
    if "object" in facts.types and wanted.sides is not None:
        width, height = wanted.sides
        return _Way({"image_size": {"width": width, "height": height}}, wanted)
    return _chosen("image_size", wanted, facts.choices)


def _as_ratio(wanted: Shape, model: Model) -> _Way | None:
    facts = facts_of(model.input_schema, "aspect_ratio")
    if facts.choices:
        return _chosen("aspect_ratio", wanted, facts.choices)
    if "string" not in facts.types:
        return None
    bare = Shape(wanted.ratio.limit_denominator(32) or wanted.ratio)
    return _Way({"aspect_ratio": str(bare)}, bare)


def _chosen(name: str, wanted: Shape, choices: tuple[Any, ...]) -> _Way | None:
    found = nearest(wanted, choices)
    return None if found is None else _Way({name: found[0]}, found[1])
