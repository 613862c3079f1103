"""A form's fields under the names that a model knows them by.

One table says which names mean the same; the model's own input schema says which of them it has. Whatever is given is
mapped, or named as a problem; only `num_outputs: 1` may go unsaid, where a model makes one output anyway.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.errors import FieldProblem
from app.domain.model import Model
from app.domain.prediction import Adjustment
from app.domain.prices import COUNTS
from app.domain.schemas import Facts, facts_of, fields_of
from app.domain.sizing import SHAPE_FIELDS, fit_shape

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "num_outputs": COUNTS,
    "image": (
        "image",
        "image_url",
        "init_image",
        "init_image_url",
        "input_image",
        "input_image_url",
        "first_frame_image",
        "start_image",
        "start_image_url",
        "image_prompt",
        "images",
        "image_urls",
        "input_images",
        "image_input",
    ),
    "mask": ("mask", "mask_url", "mask_image", "mask_image_url"),
    "strength": ("strength", "prompt_strength", "denoising_strength"),
    "guidance": ("guidance", "guidance_scale", "cfg_scale", "cfg"),
    "steps": ("steps", "num_inference_steps", "inference_steps", "num_steps"),
    "seed": ("seed",),
    "negative_prompt": ("negative_prompt",),
    "scale": ("scale", "factor", "scale_factor", "upscale_factor", "upscaling_factor"),
    "duration": ("duration", "duration_seconds", "seconds", "num_seconds"),
}
"""Our own name, then all that mean it, likeliest first. Counts are those that `prices` knows, or they would cost more
than was held. `image_strength`, which elsewhere says how much of the picture is kept, means the contrary of
`strength` and is left out."""
FAMILY_OF = {name: family for family, names in FAMILIES.items() for name in names}


@dataclass(frozen=True, slots=True)
class Translation:
    """`names` are from the model's fields to those that were given; `missing` are given, and the model has no such."""

    input: Mapping[str, Any] = field(repr=False)
    names: Mapping[str, str] = field(default_factory=dict)
    adjusted: tuple[Adjustment, ...] = ()
    missing: tuple[str, ...] = ()
    problems: tuple[FieldProblem, ...] = ()


def known_as(name: str, model: Model) -> str | None:
    """The model's own name for what `name` means; None if it has none."""
    known = fields_of(model.input_schema)
    if name in known:
        return name
    return next((each for each in FAMILIES.get(FAMILY_OF.get(name, ""), ()) if each in known), None)


def translate(given: Mapping[str, Any], model: Model) -> Translation:
    """A model without a schema gets what was given: the provider will judge it."""
    known = fields_of(model.input_schema)
    if not known:
        return Translation(dict(given))
    made = _Making(model)
    for name in sorted(given, key=lambda each: each not in known):
        if name in known or name not in SHAPE_FIELDS:
            made.put(name, given[name])
    made.shape({name: given[name] for name in given if name in SHAPE_FIELDS and name not in known})
    return made.done()


class _Making:
    def __init__(self, model: Model) -> None:
        self._model = model
        self._input: dict[str, Any] = {}
        self._names: dict[str, str] = {}
        self._adjusted: tuple[Adjustment, ...] = ()
        self._missing: list[str] = []
        self._problems: list[FieldProblem] = []

    def put(self, name: str, value: Any) -> None:
        target = known_as(name, self._model)
        if target is None:
            if not (name in COUNTS and value == 1 and not isinstance(value, bool)):
                self._missing.append(name)
        elif target in self._input:
            problem = FieldProblem(name, f"says the same as {self._names[target]}; send one of them")
            self._problems.append(problem)
        else:
            self._input[target] = coerced(value, facts_of(self._model.input_schema, target))
            self._names[target] = name

    def shape(self, left: Mapping[str, Any]) -> None:
        """What is left of the shape is told in the model's own way."""
        if not left:
            return
        fitted = fit_shape(left, self._input, self._model)
        self._input |= fitted.input
        self._names |= {target: ", ".join(left) for target in fitted.input}
        self._adjusted = fitted.adjusted
        self._missing += fitted.missing
        self._problems += fitted.problems

    def done(self) -> Translation:
        return Translation(self._input, self._names, self._adjusted, tuple(self._missing), tuple(self._problems))


def coerced(value: Any, facts: Facts) -> Any:
    """The same in the form that the field has: 5 as "5" or "5s", 2 as "2x", one picture as a list of one."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(value, facts)
    if isinstance(value, str) and "array" in facts.types and "string" not in facts.types:
        return [value]
    return value


def _number(value: float, facts: Facts) -> Any:
    written = f"{value:g}" if abs(value) < 10**6 else str(value)
    if facts.choices:
        forms = (value, written, f"{written}s", f"{written}x", f"x{written}")
        return next((each for form in forms for each in facts.choices if each == form), value)
    if facts.types and not facts.types & {"integer", "number"} and "string" in facts.types:
        return written
    if "integer" in facts.types and "number" not in facts.types and value == value // 1:
        return int(value)
    return value
