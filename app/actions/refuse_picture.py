"""Why a picture is not taken, as clients read it: the rest of a sentence that begins with the field."""

from app.storage.errors import ActiveContent, FileDamaged, FileRefused, PictureTooLarge, UnsuitablePicture
from app.storage.inputs import LARGEST_INPUT, MOST_INPUT_PIXELS

TOO_LARGE = f"must have at most {LARGEST_INPUT:,} bytes"
UNSUITABLE = {
    "no_picture": "is no picture; send a JPEG, PNG, WebP, or a still GIF or AVIF",
    "moves": "is an animation; send one still picture",
    "cmyk": "is in CMYK, for printing; send it as RGB",
    "no_alpha": "has no alpha channel; make transparent what is to be changed",
    "no_hole": "has nothing that is wholly transparent; make transparent what is to be changed",
}


def sentence(refusal: FileRefused) -> str:
    match refusal:
        case PictureTooLarge():
            return f"has {refusal.width}×{refusal.height} pixels; at most {MOST_INPUT_PIXELS:,} are taken"
        case UnsuitablePicture():
            return UNSUITABLE[refusal.reason]
        case ActiveContent():
            return "is a page or a drawing of markup, not a picture of pixels"
        case FileDamaged(reason="empty"):
            return "is empty"
        case FileDamaged():
            return "is cut off or damaged"
        case _:
            return "is not taken"
