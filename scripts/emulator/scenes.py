"""Five kinds of composition, each from a seed and a palette. Drawn twice as large, then halved for smooth edges."""

import hashlib
import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Size = tuple[int, int]

# Each from dark to light: ground, three tones, and an accent that stands out.
PALETTES = (
    ("1b1b3a", "693668", "a74482", "ff8fb1", "ffe3d8"),
    ("0b132b", "1c2541", "3a506b", "5bc0be", "f4f1de"),
    ("22223b", "4a4e69", "c9705d", "f2a65a", "fbe8d3"),
    ("132a13", "31572c", "4f772d", "90a955", "ecf39e"),
    ("03071e", "6a040f", "d00000", "f48c06", "ffe8a3"),
    ("10002b", "3c096c", "7b2cbf", "c77dff", "f3e1ff"),
    ("012a4a", "01497c", "2a6f97", "61a5c2", "fdf0d5"),
    ("2b2d42", "5c677d", "8d99ae", "ef476f", "edf2f4"),
    ("1d2f2b", "335c4f", "e07a5f", "f2cc8f", "f4f1de"),
    ("241623", "5a2a4a", "d0563f", "f0a868", "fff1d6"),
)


def scenery(seed: str, size: Size) -> Image.Image:
    dice, colours = dice_and_colours(seed)
    large = (size[0] * 2, size[1] * 2)
    return dice.choice(SCENES)(dice, colours, large).reduce(2)


def dice_and_colours(seed: str) -> tuple[random.Random, list[Colour]]:
    dice = random.Random(hashlib.sha256(seed.encode()).digest())
    return dice, [_colour(text) for text in dice.choice(PALETTES)]


def _colour(text: str) -> Colour:
    return int(text[:2], 16), int(text[2:4], 16), int(text[4:], 16)


def _blend(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _sky(size: Size, *stops: Colour) -> Image.Image:
    strip = Image.new("RGB", (1, len(stops)))
    strip.putdata(stops)
    return strip.resize((1, 512), Image.Resampling.BICUBIC).resize(size, Image.Resampling.BILINEAR)


def _disc(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: Colour) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)


def _hills(dice: random.Random, colours: list[Colour], size: Size) -> Image.Image:
    """A sun, and ridges which grow darker as they come nearer."""
    width, height = size
    dark, low, middle, warm, light = colours
    picture = _sky(size, _blend(low, middle, 0.4), middle, warm, light)
    pen = ImageDraw.Draw(picture)
    radius = min(size) * dice.uniform(0.12, 0.2)
    x, y = width * dice.uniform(0.25, 0.75), height * dice.uniform(0.26, 0.42)
    for step in range(3, 0, -1):
        _disc(pen, x, y, radius * (1 + step * 0.35), _blend(picture.getpixel((int(x), int(y))), light, 0.18))  # type: ignore[arg-type]
    _disc(pen, x, y, radius, _blend(light, (255, 255, 255), 0.5))
    for ridge in range(6):
        share = ridge / 5
        base = height * (0.46 + 0.42 * share)
        _ridge(
            dice,
            pen,
            size,
            base=base,
            lift=height * (0.1 - 0.05 * share),
            fill=_blend(warm, dark, 0.25 + 0.75 * share),
        )
    return picture


def _ridge(
    dice: random.Random, pen: ImageDraw.ImageDraw, size: Size, *, base: float, lift: float, fill: Colour
) -> None:
    width, height = size
    waves = [(dice.uniform(0.6, 1.4) * 2**octave, dice.uniform(0, 7), 1.0 / 2**octave) for octave in range(5)]
    line = [
        (x, base - lift * sum(part * math.sin(count * x / width * 5 + phase) for count, phase, part in waves))
        for x in range(0, width + 16, 16)
    ]
    pen.polygon([*line, (width + 16, height), (0, height)], fill=fill)


def _orbits(dice: random.Random, colours: list[Colour], size: Size) -> Image.Image:
    """Rings around an off-centre star, with a few planets on them."""
    width, height = size
    dark, low, middle, warm, light = colours
    picture = _sky(size, dark, _blend(dark, low, 0.6), low)
    pen = ImageDraw.Draw(picture)
    for _ in range(160):
        _disc(pen, dice.uniform(0, width), dice.uniform(0, height), dice.uniform(1, 4), _blend(low, light, 0.6))
    x, y, unit = width * dice.uniform(0.3, 0.7), height * dice.uniform(0.32, 0.48), min(size)
    for ring in range(9, 0, -1):
        radius = unit * (0.1 + ring * dice.uniform(0.07, 0.085))
        box = (x - radius, y - radius, x + radius, y + radius)
        pen.ellipse(box, outline=_blend(low, middle, ring % 3 / 2), width=2 + ring % 3 * 2)
        angle = dice.uniform(0, 2 * math.pi)
        if ring % 2:
            planet = unit * dice.uniform(0.012, 0.04)
            at = (x + radius * math.cos(angle), y + radius * math.sin(angle))
            _disc(pen, *at, planet, dice.choice((middle, warm, light)))
    for step in range(4, 0, -1):
        _disc(pen, x, y, unit * (0.06 + step * 0.014), _blend(warm, dark, step * 0.18))
    _disc(pen, x, y, unit * 0.06, light)
    return picture


def _tiles(dice: random.Random, colours: list[Colour], size: Size) -> Image.Image:
    """Quarter circles, discs and bars on a grid."""
    side = min(size) // 6 + 1
    picture = Image.new("RGB", size, colours[0])
    pen = ImageDraw.Draw(picture)
    for top in range(0, size[1], side):
        for left in range(0, size[0], side):
            ground, figure, spot = dice.sample(colours, 3)
            pen.rectangle((left, top, left + side, top + side), fill=ground)
            _tile(dice, pen, (left, top), side, (figure, spot))
    return picture


def _tile(dice: random.Random, pen: ImageDraw.ImageDraw, corner: Size, side: int, fills: tuple[Colour, Colour]) -> None:
    (left, top), (figure, spot) = corner, fills
    shape = dice.randrange(5)
    right, bottom, middle = left + side, top + side, side / 2
    if shape <= 1:
        x, y = dice.choice(((left, top), (right, top), (left, bottom), (right, bottom)))
        start = {(left, top): 0, (right, top): 90, (right, bottom): 180, (left, bottom): 270}[x, y]
        for share, fill in ((1.0, figure), (0.5, spot)):
            reach = side * share
            pen.pieslice((x - reach, y - reach, x + reach, y + reach), start, start + 90, fill=fill)
    elif shape == 2:
        _disc(pen, left + middle, top + middle, side * 0.36, figure)
        _disc(pen, left + middle, top + middle, side * 0.14, spot)
    elif shape == 3:
        for bar in range(0, 4, 2):
            pen.rectangle((left, top + bar * side / 4, right, top + (bar + 1) * side / 4), fill=figure)
    else:
        pen.polygon([(left, bottom), (right, bottom), (right, top)], fill=figure)


def _currents(dice: random.Random, colours: list[Colour], size: Size) -> Image.Image:
    """Ribbons that flow side by side."""
    width, height = size
    dark, *tones = colours
    picture = _sky(size, dark, _blend(dark, tones[0], 0.7))
    pen = ImageDraw.Draw(picture)
    phase, bend, count = dice.uniform(0, 7), dice.uniform(0.6, 1.5), 26
    for ribbon in range(count):
        share = ribbon / (count - 1)
        tone = tones[min(int(share * 4), 3)]
        fill = _blend(tone, tones[min(int(share * 4) + 1, 3)], share * 4 % 1)
        line = [
            (
                x,
                height * (0.02 + 0.9 * share)
                + height * 0.11 * math.sin(bend * 4 * x / width + phase + share * 2.2)
                + height * 0.04 * math.sin(bend * 9 * x / width - phase + share * 5),
            )
            for x in range(-32, width + 32, 24)
        ]
        pen.line(line, fill=fill, width=int(height * (0.006 + 0.016 * math.sin(share * math.pi))), joint="curve")
    return picture


def _mist(dice: random.Random, colours: list[Colour], size: Size) -> Image.Image:
    """Soft lights that run into one another."""
    width, height = size
    small = (width // 8, height // 8)
    picture = _sky(small, colours[0], colours[1])
    glow = Image.radial_gradient("L").point([round(255 * max(0, 1 - value / 181) ** 1.5) for value in range(256)])
    for at in range(9):
        reach = int(max(small) * dice.uniform(0.5, 1.05))
        tone = colours[1 + at % 4]
        place = (dice.randrange(small[0]) - reach // 2, dice.randrange(small[1]) - reach // 2)
        picture.paste(tone, (*place, place[0] + reach, place[1] + reach), glow.resize((reach, reach)))
    picture = picture.resize(size, Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    x, y, radius = width * dice.uniform(0.35, 0.65), height * dice.uniform(0.35, 0.5), min(size) * 0.22
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=colours[4], width=max(4, width // 320))
    _disc(pen, x + radius * 0.7, y - radius * 0.7, radius * 0.12, colours[4])
    return picture


SCENES: tuple[Callable[[random.Random, list[Colour], Size], Image.Image], ...] = (
    _hills,
    _orbits,
    _tiles,
    _currents,
    _mist,
)
