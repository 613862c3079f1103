"""Pictures worth looking at: a scene, and the prompt below it."""

import io
import unicodedata
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from scripts.emulator.scenes import Size, dice_and_colours, scenery

RATIOS: dict[str, Size] = {
    "1:1": (1024, 1024),
    "16:9": (1344, 768),
    "9:16": (768, 1344),
    "4:3": (1152, 864),
    "3:4": (864, 1152),
    "3:2": (1248, 832),
    "2:3": (832, 1248),
    "21:9": (1536, 640),
}


def size(given: dict[str, Any]) -> Size:
    width, height = RATIOS[given.get("aspect_ratio", "1:1")]
    if "width" in given or "height" in given:
        return int(given.get("width", 1024)), int(given.get("height", 1024))
    return width, height


def poster(seed: str, size: Size, prompt: str, label: str) -> bytes:
    picture = scenery(seed, size)
    _caption(picture, prompt, label)
    return _png(picture)


def plain(seed: str, size: Size, prompt: str, label: str) -> bytes:
    """A few kB within a few milliseconds, for those who measure something else."""
    dice, colours = dice_and_colours(seed)
    picture = Image.new("P", size, 0)
    picture.putpalette([part for colour in colours for part in colour])
    pen = ImageDraw.Draw(picture)
    for index in range(1, len(colours)):
        x, y = dice.randrange(size[0]), dice.randrange(size[1])
        pen.rectangle((x, y, x + size[0] // 3, y + size[1] // 3), fill=index)
    return _png(picture)


def _caption(picture: Image.Image, prompt: str, label: str) -> None:
    """The prompt below, on a quiet ground, in the typeface that Pillow carries with it."""
    width, height = picture.size
    unit = min(width, height)
    margin, large = round(unit * 0.055), max(14, round(unit * 0.042))
    title, small = ImageFont.load_default(large), ImageFont.load_default(round(unit * 0.018) or 1)
    lines = _wrapped(_printable(prompt), title, width - 2 * margin)
    band = round(large * 1.25 * len(lines) + unit * 0.13)
    _shade(picture, band)
    pen = ImageDraw.Draw(picture)
    y = height - band + round(unit * 0.045)
    for line in lines:
        pen.text((margin, y), line, font=title, fill=(255, 255, 255))
        y += round(large * 1.25)
    if unit >= 400:
        pen.text((margin, height - margin), label, font=small, fill=(225, 225, 225), anchor="ls")


def _shade(picture: Image.Image, band: int) -> None:
    """Dark enough for white letters on any ground, without a visible beginning."""
    width, height = picture.size
    reach = min(height, round(band * 2.4))
    ease = [at * at * (3 - 2 * at) for at in (value / 255 for value in range(256))]
    ramp = Image.linear_gradient("L").point([round(190 * share) for share in ease])
    smooth = ramp.resize((width, reach), Image.Resampling.BICUBIC)
    picture.paste((10, 9, 18), (0, height - reach, width, height), smooth)


def _printable(prompt: str) -> str:
    """The typeface knows plain Latin letters; accents are dropped, other scripts left out."""
    plain = unicodedata.normalize("NFKD", prompt.replace("ß", "ss"))
    return " ".join("".join(sign for sign in plain if " " <= sign <= "~" or sign.isspace()).split())


def _wrapped(text: str, font: Any, width: int) -> list[str]:
    lines = [""]
    for word in text[:400].split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        elif len(lines) == 2:
            lines[-1] += " ..."
            break
        else:
            lines.append(word)
    return [line for line in lines if line]


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=3)
    return file.getvalue()
