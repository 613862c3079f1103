"""Pictures to work on: what they tell of their maker goes, their pixels stay, and what is none is refused."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from app.storage.errors import ActiveContent, FileDamaged, FileRefused, PictureTooLarge, UnsuitablePicture
from app.storage.inputs import Examiner, InputPicture, prepared
from tests.storage.pictures import SECRET, encoded, opened, picture, telling

KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
PROFILE = b"\0\0\0\x80" + b"profile " * 15 + b"\0\0\0\0"


def bare(content: bytes) -> InputPicture:
    return prepared(content, keep_metadata=False)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("orientation", [None, 1, 3, 6, 8])
def test_metadata_goes_and_the_pixels_stay(kind: str, orientation: int | None) -> None:
    given_bytes = telling(kind, orientation)
    kept = bare(given_bytes)
    assert SECRET.encode() in given_bytes
    assert SECRET.encode() not in kept.content
    assert b"xmpmeta" not in kept.content
    assert kept.facts.content_type == KINDS[kind]
    before, after = opened(given_bytes), opened(kept.content)
    assert (after.mode, after.tobytes()) == (before.mode, before.tobytes())
    assert ImageOps.exif_transpose(after).tobytes() == ImageOps.exif_transpose(before).tobytes()
    assert (kept.facts.width, kept.facts.height) == ImageOps.exif_transpose(before).size


@given(
    kind=st.sampled_from(sorted(KINDS)),
    size=st.tuples(st.integers(1, 70), st.integers(1, 70)),
    mode=st.sampled_from(["RGB", "L"]),
    orientation=st.integers(0, 9),
)
@settings(max_examples=60, deadline=None)
def test_it_is_so_for_every_size_and_orientation(kind: str, size: tuple[int, int], mode: str, orientation: int) -> None:
    given_bytes = telling(kind, orientation, picture(size, mode))
    kept = bare(given_bytes)
    assert SECRET.encode() not in kept.content
    assert opened(kept.content).tobytes() == opened(given_bytes).tobytes()
    assert opened(kept.content).getexif().get(0x0112, 1) == (orientation if 2 <= orientation <= 8 else 1)
    assert bare(kept.content).content == kept.content


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 1}])
def test_every_form_of_jpeg_is_walked(options: dict[str, bool]) -> None:
    given_bytes = encoded("JPEG", picture((90, 70)), **options)
    assert opened(bare(given_bytes).content).tobytes() == opened(given_bytes).tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_colour_profile_stays(kind: str) -> None:
    given_bytes = encoded(kind, icc_profile=PROFILE)
    assert opened(bare(given_bytes).content).info["icc_profile"] == PROFILE


def test_transparency_stays() -> None:
    for kind in ("PNG", "WEBP"):
        made = picture(mode="RGBA")
        made.putalpha(Image.linear_gradient("L").resize(made.size))
        given_bytes = encoded(kind, made)
        assert opened(bare(given_bytes).content).tobytes() == opened(given_bytes).tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_asks_keeps_his_metadata(kind: str) -> None:
    given_bytes = telling(kind, 6)
    kept = prepared(given_bytes, keep_metadata=True)
    assert kept.content == given_bytes
    assert (kept.facts.width, kept.facts.height) == (24, 40)


@pytest.mark.parametrize("kind", ["GIF", "AVIF"])
def test_a_still_gif_or_avif_becomes_a_png_without_metadata(kind: str) -> None:
    given_bytes = encoded(kind, comment=SECRET) if kind == "GIF" else telling(kind, 6)
    kept = bare(given_bytes)
    shown = ImageOps.exif_transpose(opened(given_bytes)).convert("RGB")
    assert kept.facts.content_type == "image/png"
    assert SECRET.encode() not in kept.content
    assert opened(kept.content).tobytes() == shown.tobytes()
    assert (kept.facts.width, kept.facts.height) == shown.size


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("keep", [True, False])
def test_what_moves_is_refused(kind: str, keep: bool) -> None:
    frames = [picture().rotate(90)]
    moving = encoded(kind, picture(), save_all=True, append_images=frames, duration=100)
    with pytest.raises(UnsuitablePicture, match="moves"):
        prepared(moving, keep)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("keep", [True, False])
def test_a_cut_picture_is_refused_wherever_it_was_cut(kind: str, keep: bool) -> None:
    whole = encoded(kind, picture((200, 150)))
    for end in [1, 3, 12, 40, len(whole) // 2, len(whole) - 20, len(whole) - 2]:
        with pytest.raises(FileRefused):
            prepared(whole[:end], keep)


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100_000))
    with pytest.raises(PictureTooLarge, match="50000×50000"):
        bare(bomb + chunk(b"IEND", b""))


def test_cmyk_is_refused() -> None:
    with pytest.raises(UnsuitablePicture, match="cmyk"):
        bare(encoded("JPEG", picture(mode="CMYK")))


@pytest.mark.parametrize("content", [b"MZ" + bytes(500), b"%PDF-1.7\n", b"\0\0\0\x18ftypmp42" + bytes(64), b"text"])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(UnsuitablePicture, match="no_picture"):
        bare(content)


@pytest.mark.parametrize("content", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\xef\xbb\xbf<!doctype html>"])
def test_markup_is_refused(content: bytes) -> None:
    with pytest.raises(ActiveContent):
        bare(content)


def test_nothing_is_refused() -> None:
    with pytest.raises(FileDamaged, match="empty"):
        bare(b"")


@given(kind=st.sampled_from(sorted(KINDS)), at=st.floats(0, 1), garbage=st.binary(min_size=1, max_size=30))
@settings(max_examples=150, deadline=None)
def test_garbled_pictures_are_taken_or_refused_and_nothing_else(kind: str, at: float, garbage: bytes) -> None:
    whole = telling(kind, 6)
    place = int(at * len(whole))
    try:
        kept = bare(whole[:place] + garbage + whole[place + len(garbage) :])
    except FileRefused:
        return
    with Image.open(BytesIO(kept.content)) as again:
        again.load()


async def test_one_is_looked_at_at_a_time() -> None:
    under_way, most = 0, 0

    def read() -> bytes:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        content = encoded("PNG")
        under_way -= 1
        return content

    import asyncio

    examiner = Examiner()
    await asyncio.gather(*(examiner.prepared(read) for _ in range(5)))
    assert most == 1
