"""The shape of a picture, as clients and models write it: two sides, `1024x768`, `16:9`, or a preset's name."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import log, sqrt
from typing import Any

LONGEST_SIDE = 100_000
FARTHEST = 1.25
"""A shape that is off by more than a quarter is another picture, not an approximation."""
SIDES = re.compile(r"\s*(\d{1,6})\s*[xX×*]\s*(\d{1,6})\s*")
RATIO = re.compile(r"\s*(\d{1,4})\s*[:/]\s*(\d{1,4})\s*")
PRESETS: Mapping[str, tuple[int, int]] = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}
"""fal's names for `image_size`, which put the longer side of a ratio first."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Width by height; `sides` are pixels, None where only the ratio is said."""

    ratio: Fraction
    sides: tuple[int, int] | None = None

    def __str__(self) -> str:
        if self.sides is not None:
            return f"{self.sides[0]}x{self.sides[1]}"
        return f"{self.ratio.numerator}:{self.ratio.denominator}"

    def distance(self, other: "Shape") -> tuple[float, float]:
        """How far the ratios are apart, then the areas; (0, 0) where all that this one asks for is met."""
        ratios = abs(log(self.ratio / other.ratio)) if self.ratio != other.ratio else 0.0
        if self.sides is None or other.sides is None:
            return ratios, 0.0
        return ratios, abs(log(_area(self.sides) / _area(other.sides)))

    def is_met_by(self, other: "Shape") -> bool:
        return self.ratio == other.ratio and self.sides in (None, other.sides)

    def resembles(self, other: "Shape") -> bool:
        return self.distance(other)[0] <= log(FARTHEST)


def sided(width: Any, height: Any) -> Shape | None:
    """None for what are no sides."""
    sides = [each for each in (width, height) if isinstance(each, int) and not isinstance(each, bool)]
    if len(sides) != 2 or not all(0 < each <= LONGEST_SIDE for each in sides):
        return None
    return Shape(Fraction(sides[0], sides[1]), (sides[0], sides[1]))


def read_shape(value: Any) -> Shape | None:
    """None for what says no shape, such as `match_input_image`."""
    if isinstance(value, Mapping):
        return sided(value.get("width"), value.get("height"))
    if not isinstance(value, str):
        return None
    if value in PRESETS:
        return sided(*PRESETS[value])
    if found := SIDES.fullmatch(value):
        return sided(int(found[1]), int(found[2]))
    found = RATIO.fullmatch(value)
    parts = (int(found[1]), int(found[2])) if found else (0, 0)
    return Shape(Fraction(*parts)) if all(parts) else None


def nearest(wanted: Shape, choices: Iterable[Any]) -> tuple[Any, Shape] | None:
    """The choice that comes nearest, and its shape; None where no choice is one."""
    read = [(choice, shape) for choice in choices if (shape := read_shape(choice)) is not None]
    return min(read, key=lambda pair: wanted.distance(pair[1]), default=None)


def sides_for(wanted: Shape, area: float, *, step: int, least: float, most: float) -> Shape:
    """Sides of about this ratio and area, in steps, within bounds."""
    width, height = sqrt(area * wanted.ratio), sqrt(area / wanted.ratio)
    low, high = max(1, -(-int(least) // step)), max(1, int(most) // step)
    fitted = [min(max(round(side / step), low), high) * step for side in (width, height)]
    return Shape(Fraction(fitted[0], fitted[1]), (fitted[0], fitted[1]))


def _area(sides: tuple[int, int]) -> int:
    return sides[0] * sides[1]
