"""A picture of about so many bytes, which decodes: noise, so that its bytes are as many as its pixels."""

import math
from pathlib import Path

from PIL import Image

CHANNELS = 3


def draw(path: Path, size: int) -> Path:
    """A PNG."""
    side = math.isqrt(size // CHANNELS)
    planes = [Image.effect_noise((side, side), 60 + 20 * at) for at in range(CHANNELS)]
    Image.merge("RGB", planes).save(path, format="PNG", compress_level=1)
    return path
