"""ThumbHash: a picture in some 25 bytes, enough for a blurred placeholder with its colours, shape and alpha.

Source: Evan Wallace, https://evanw.github.io/thumbhash/, `rgbaToThumbHash`. The package of that name stumbles over
every picture with alpha.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from operator import mul

LARGEST = 100


@dataclass(frozen=True, slots=True)
class Channel:
    """The mean, the waves from 0 to 1, and what they were divided by."""

    mean: float
    waves: list[float]
    scale: float


def thumbhash(width: int, height: int, rgba: bytes) -> bytes:
    """Of LARGEST pixels each way at most, four bytes for a pixel, alpha not multiplied in."""
    if max(width, height) > LARGEST:
        raise ValueError(f"{width}×{height} pixels are too many for a ThumbHash")
    light, yellow, red, alpha = _channels(rgba)
    has_alpha = min(alpha) < 1
    across, down = _detail(width, height, has_alpha=has_alpha)
    l_ = _encoded(light, width, max(3, across), max(3, down))
    p_, q_ = _encoded(yellow, width, 3, 3), _encoded(red, width, 3, 3)
    a_ = _encoded(alpha, width, 5, 5) if has_alpha else None
    colour = _steps(63, l_.mean) | _steps(31.5, 1 + p_.mean) << 6 | _steps(31.5, 1 + q_.mean) << 12
    colour |= _steps(31, l_.scale) << 18 | has_alpha << 23
    shape = (down if width > height else across) | _steps(63, p_.scale) << 3 | _steps(63, q_.scale) << 9
    shape |= (width > height) << 15
    head = colour.to_bytes(3, "little") + shape.to_bytes(2, "little")
    if a_ is not None:
        head += bytes([_steps(15, a_.mean) | _steps(15, a_.scale) << 4])
    waves = chain(l_.waves, p_.waves, q_.waves, a_.waves if a_ is not None else ())
    return head + _nibbles([_steps(15, wave) for wave in waves])


def _detail(width: int, height: int, *, has_alpha: bool) -> tuple[int, int]:
    """How many waves of light each way; fewer where alpha takes some of the bytes."""
    most, longest = 5 if has_alpha else 7, max(width, height)
    return max(1, _rounded(most * width / longest)), max(1, _rounded(most * height / longest))


def _channels(rgba: bytes) -> tuple[list[float], list[float], list[float], list[float]]:
    """Luminance, yellow against blue, red against green, alpha: over the mean colour where it is transparent."""
    alpha = [value / 255 for value in rgba[3::4]]
    weight = sum(alpha) or 1.0
    reds, greens, blues = (_over_mean(rgba[at::4], alpha, weight) for at in range(3))
    light = [(r + g + b) / 3 for r, g, b in zip(reds, greens, blues, strict=True)]
    yellow = [(r + g) / 2 - b for r, g, b in zip(reds, greens, blues, strict=True)]
    return light, yellow, [r - g for r, g in zip(reds, greens, strict=True)], alpha


def _over_mean(values: bytes, alpha: Sequence[float], weight: float) -> list[float]:
    shown = [opacity * value / 255 for value, opacity in zip(values, alpha, strict=True)]
    mean = sum(shown) / weight
    return [mean * (1 - opacity) + value for value, opacity in zip(shown, alpha, strict=True)]


def _encoded(channel: Sequence[float], width: int, across: int, down: int) -> Channel:
    """The cosine waves of the upper left triangle, rows first and then columns."""
    height = len(channel) // width
    rows = [channel[at : at + width] for at in range(0, len(channel), width)]
    by_row = [[_dot(row, wave) for row in rows] for wave in _cosines(width, across)]
    columns = _cosines(height, down)
    found = [
        _dot(by_row[x], columns[y]) / len(channel)
        for y in range(down)
        for x in range(across)
        if x * down < across * (down - y)
    ]
    mean, waves = found[0], found[1:]
    scale = max(map(abs, waves), default=0.0)
    return Channel(mean, [0.5 + 0.5 / scale * wave for wave in waves] if scale else waves, scale)


def _cosines(length: int, count: int) -> list[list[float]]:
    return [[math.cos(math.pi / length * number * (at + 0.5)) for at in range(length)] for number in range(count)]


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    return float(sum(map(mul, left, right)))


def _steps(most: float, value: float) -> int:
    return _rounded(most * value)


def _rounded(value: float) -> int:
    """As JavaScript rounds, halves up."""
    return math.floor(value + 0.5)


def _nibbles(values: Sequence[int]) -> bytes:
    """Two in a byte, the first one low."""
    even = [*values, 0] if len(values) % 2 else list(values)
    return bytes(low | high << 4 for low, high in zip(even[::2], even[1::2], strict=True))
