"""Pictures of every kind we take, with and without what they should not tell."""

from io import BytesIO
from typing import Any

from PIL import Image, PngImagePlugin

SECRET = "48.8583N 2.2944E, Ann's phone"  # noqa: RUF100
XMP = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><gps>{SECRET}</gps></x:xmpmeta>".encode()


def picture(size: tuple[int, int] = (40, 24), mode: str = "RGB") -> Image.Image:
    """A gradient, so that no turn and no mirror looks like another."""
    made = Image.linear_gradient("L").resize(size)
    return Image.merge("RGB", (made, made.rotate(180), Image.new("L", size, 90))).convert(mode)


def exif(orientation: int | None = None) -> Image.Exif:
    made = Image.Exif()
    made[0x010E] = SECRET
    made.get_ifd(0x8825)[0x001D] = SECRET
    if orientation is not None:
        made[0x0112] = orientation
    return made


def encoded(kind: str, made: Image.Image | None = None, **options: Any) -> bytes:
    into = BytesIO()
    (made or picture()).save(into, kind, **options)
    return into.getvalue()


def telling(kind: str, orientation: int | None = None, made: Image.Image | None = None) -> bytes:
    """With the secret in every place that its kind has for texts."""
    options: dict[str, Any] = {"exif": exif(orientation)}
    if kind == "JPEG":
        options |= {"comment": SECRET, "xmp": XMP, "quality": 95}
    if kind == "WEBP":
        options |= {"xmp": XMP, "lossless": True}
    if kind == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Comment", SECRET)
        texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
        options["pnginfo"] = texts
    content = encoded(kind, made, **options)
    return content + SECRET.encode() if kind != "WEBP" else content


def opened(content: bytes) -> Image.Image:
    made = Image.open(BytesIO(content))
    made.load()
    return made
