"""A mask that marks by its holes, made into one that marks by white, which is how the models here read masks."""

from io import BytesIO

from PIL import Image

from app.storage.errors import FileDamaged, UnsuitablePicture
from app.storage.images import DECODERS, facts
from app.storage.inputs import MOST_INPUT_PIXELS
from app.storage.sniff import HEAD_BYTES, PNG, WEBP, sniff

WHITE, BLACK = 255, 0


def white_where_transparent(content: bytes, max_pixels: int = MOST_INPUT_PIXELS) -> bytes:
    """A grey PNG of the same size, white where the picture is wholly transparent and black elsewhere.

    Blocks. Raises UnsuitablePicture, PictureTooLarge, FileDamaged, ActiveContent.
    """
    kind = sniff(content[:HEAD_BYTES])
    if kind not in (PNG, WEBP):
        raise UnsuitablePicture("no_alpha" if kind in DECODERS else "no_picture")
    if facts(content, max_pixels=max_pixels).width is None:
        raise FileDamaged("header")
    try:
        alpha = _alpha(content, DECODERS[kind])
    except Exception as error:  # Pillow's decoders raise a dozen kinds for hostile content
        raise FileDamaged("pixels") from error
    if alpha is None:
        raise UnsuitablePicture("no_alpha")
    if alpha.getextrema()[0] != 0:
        raise UnsuitablePicture("no_hole")
    png = BytesIO()
    alpha.point([WHITE, *[BLACK] * 255]).save(png, "PNG")
    return png.getvalue()


def _alpha(content: bytes, decoder: str) -> Image.Image | None:
    with Image.open(BytesIO(content), formats=[decoder]) as picture:
        return picture.convert("RGBA").getchannel("A") if picture.has_transparency_data else None
