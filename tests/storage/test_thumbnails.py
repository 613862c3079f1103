"""Thumbnails: right for every kind of picture, and a comfort that never gets in the way."""

import asyncio
import base64
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from app.storage.arrival import Arrival, StoredFile
from app.storage.errors import FileRefused, StorageUnavailable
from app.storage.images import FileFacts, facts
from app.storage.local import LocalStore, LocalUpload
from app.storage.shrinking import Small, shrink
from app.storage.thumbnails import Thumbnails
from tests.storage import files

MAX_PIXELS = 50_000_000
KINDS = ["PNG", "JPEG", "GIF", "WEBP", "AVIF"]
Colour = tuple[int, ...]


@pytest.fixture
def thumbnails() -> Iterator[Thumbnails]:
    made = Thumbnails()
    yield made
    made.close()


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def shrunk(folder: Path, content: bytes) -> tuple[Image.Image, Small]:
    path = folder / "picture"
    path.write_bytes(content)
    small = shrink(path, facts(path, max_pixels=MAX_PIXELS).content_type)
    return Image.open(io.BytesIO(small.webp)), small


def colour_of(image: Image.Image, at: tuple[float, float] = (0.5, 0.5)) -> Colour:
    """At a place told from 0 to 1."""
    place = (int(image.width * at[0]), int(image.height * at[1]))
    found = image.convert("RGBA").getpixel(place)
    assert isinstance(found, tuple)
    return tuple(map(int, found))


def near(left: Colour, right: Colour, *, by: int = 12) -> bool:
    return all(abs(one - other) <= by for one, other in zip(left, right, strict=True))


async def arrive(store: LocalStore, content: bytes, thumbnails: Thumbnails | None) -> StoredFile:
    async with Arrival(store, max_pixels=MAX_PIXELS, thumbnails=thumbnails) as arrival:
        await arrival.write(content)
        return await arrival.commit()


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_picture_becomes_a_small_webp_of_the_same_shape(tmp_path: Path, kind: str) -> None:
    image, small = shrunk(tmp_path, files.picture(kind, 1500, 900))
    assert (image.format, image.size, image.mode) == ("WEBP", (512, 307), "RGB")
    assert 5 <= len(base64.b64decode(small.hash)) <= 25


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_picture_is_not_enlarged(tmp_path: Path, kind: str) -> None:
    assert shrunk(tmp_path, files.picture(kind, 40, 30))[0].size == (40, 30)


@pytest.mark.parametrize(
    ("size", "wanted"),
    [((1, 1), (1, 1)), ((10_000, 1), (512, 1)), ((1, 10_000), (1, 512)), ((512, 512), (512, 512)),
     ((513, 2), (512, 2)), ((2047, 1025), (512, 256)), ((4099, 3), (512, 1))],
)  # fmt: skip
def test_odd_shapes_keep_a_pixel_at_least(tmp_path: Path, size: tuple[int, int], wanted: tuple[int, int]) -> None:
    image, _ = shrunk(tmp_path, saved(Image.new("RGB", size, "teal"), "PNG"))
    assert image.size == wanted
    assert near(colour_of(image), (0, 128, 128, 255))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "AVIF", "PNG"])
def test_an_animation_shows_its_first_frame(tmp_path: Path, kind: str) -> None:
    first, second = Image.new("RGB", (600, 400), "red"), Image.new("RGB", (600, 400), "blue")
    image, _ = shrunk(tmp_path, saved(first, kind, save_all=True, append_images=[second]))
    assert getattr(image, "n_frames", 1) == 1
    assert near(colour_of(image), (255, 0, 0, 255))


ALPHA = {
    "rgba": lambda: saved(Image.new("RGBA", (1200, 800), (255, 0, 0, 128)), "PNG"),
    "grey with alpha": lambda: saved(Image.new("LA", (1200, 800), (255, 128)), "PNG"),
    "webp": lambda: saved(Image.new("RGBA", (1200, 800), (255, 0, 0, 128)), "WEBP"),
    "avif": lambda: saved(Image.new("RGBA", (1200, 800), (255, 0, 0, 128)), "AVIF"),
}


@pytest.mark.parametrize("name", ALPHA)
def test_alpha_is_kept(tmp_path: Path, name: str) -> None:
    image, small = shrunk(tmp_path, ALPHA[name]())
    assert image.mode == "RGBA"
    assert abs(colour_of(image)[3] - 128) <= 2
    assert base64.b64decode(small.hash)[2] & 0x80


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_palette_with_a_transparent_entry_is_transparent_there(tmp_path: Path, kind: str) -> None:
    picture = Image.new("P", (1200, 800), 0)
    picture.putpalette([0, 255, 0, 255, 0, 0])
    picture.paste(1, (0, 0, 600, 800))
    image, _ = shrunk(tmp_path, saved(picture, kind, transparency=0))
    assert near(colour_of(image, (0.25, 0.5)), (255, 0, 0, 255))
    assert colour_of(image, (0.75, 0.5))[3] == 0


def test_sixteen_bits_of_grey_are_not_cut_off(tmp_path: Path) -> None:
    grey = Image.new("I;16", (1200, 800), 0x8000)
    assert near(colour_of(shrunk(tmp_path, saved(grey, "PNG"))[0]), (128, 128, 128, 255), by=2)


@pytest.mark.parametrize("mode", ["1", "L"])
def test_grey_stays_grey(tmp_path: Path, mode: str) -> None:
    white = Image.new(mode, (1200, 800), 255)
    assert near(colour_of(shrunk(tmp_path, saved(white, "PNG"))[0]), (255, 255, 255, 255), by=2)


def test_the_colours_of_print_become_those_of_screens(tmp_path: Path) -> None:
    cyan = Image.new("CMYK", (3000, 2000), (255, 0, 0, 0))
    image, _ = shrunk(tmp_path, saved(cyan, "JPEG"))
    assert (image.mode, image.size) == ("RGB", (512, 341))
    assert near(colour_of(image), (0, 255, 255, 255))


def test_a_colour_profile_is_followed(tmp_path: Path) -> None:
    """One that has red and blue exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for one, other in ((b"rXYZ", b"????"), (b"bXYZ", b"rXYZ"), (b"????", b"bXYZ")):
        profile = profile.replace(one, other)
    image, _ = shrunk(tmp_path, saved(Image.new("RGB", (64, 64), (200, 40, 40)), "PNG", icc_profile=profile))
    assert near(colour_of(image), (40, 40, 200, 255))
    assert "icc_profile" not in image.info


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_profile_that_makes_no_sense_counts_as_none(tmp_path: Path, kind: str) -> None:
    content = saved(Image.new("RGB", (64, 64), (200, 40, 40)), kind, icc_profile=b"no profile" * 20)
    assert near(colour_of(shrunk(tmp_path, content)[0]), (200, 40, 40, 255))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_turned_as_its_exif_says(tmp_path: Path, kind: str) -> None:
    """Orientation 6: what is left in the file is on top to the eye."""
    picture = Image.new("RGB", (1200, 800), "blue")
    picture.paste("red", (0, 0, 600, 800))
    exif = Image.Exif()
    exif[0x0112] = 6
    image, _ = shrunk(tmp_path, saved(picture, kind, exif=exif))
    assert image.size == (341, 512)
    assert near(colour_of(image, (0.5, 0.1)), (255, 0, 0, 255))
    assert near(colour_of(image, (0.5, 0.9)), (0, 0, 255, 255))


async def test_a_stored_picture_has_its_thumbnail_beside_it(store: LocalStore, thumbnails: Thumbnails) -> None:
    file = await arrive(store, files.picture("PNG", 1500, 900), thumbnails)
    small = file.thumbnail
    assert small is not None
    assert small.key.endswith("-thumb.webp")
    assert small.key[:32] != file.key[:32]
    content = store.local_path(small.key).read_bytes()
    assert (small.bytes, small.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert Image.open(io.BytesIO(content)).size == (512, 307)


@pytest.mark.parametrize("content", [files.video(), files.wav(), files.MP3, files.WEBM, files.GLB, b"hello"])
async def test_what_is_no_picture_has_none(store: LocalStore, thumbnails: Thumbnails, content: bytes) -> None:
    assert (await arrive(store, content, thumbnails)).thumbnail is None


async def test_none_is_made_where_none_is_wanted(store: LocalStore, tmp_path: Path) -> None:
    file = await arrive(store, files.picture("PNG"), None)
    assert (file.thumbnail, left_in(tmp_path)) == (None, [file.key])


CUT = files.picture("JPEG", 400, 300)
DAMAGED = [
    CUT[: len(CUT) // 2] + b"\xff\xd9",  # its structure looks whole
    files.png_of_size(400, 300),
    files.webp_of_size(400, 300),
    files.avif_announcing(400, 300),
    files.picture("GIF", 400, 300)[:2000] + b"\0;",
]


@pytest.mark.parametrize("content", DAMAGED)
async def test_a_damaged_picture_is_stored_or_refused_as_ever(
    store: LocalStore, tmp_path: Path, thumbnails: Thumbnails, content: bytes
) -> None:
    async def outcome(by: Thumbnails | None) -> type[Exception] | str:
        try:
            return (await arrive(store, content, by)).sha256
        except FileRefused as refusal:
            return type(refusal)

    assert await outcome(thumbnails) == await outcome(None)
    assert not any(".incoming" in str(path) for path in tmp_path.rglob("*") if path.is_file())


async def test_one_that_would_take_too_much_memory_is_not_decoded(tmp_path: Path) -> None:
    small = Thumbnails(most_bytes=400 * 300 * 4 - 1)
    path = tmp_path / "picture"
    path.write_bytes(files.picture("PNG", 400, 300))
    try:
        assert await small.make(path, facts(path, max_pixels=MAX_PIXELS)) is None
        fits = FileFacts("image/png", "png", 399, 300)
        assert await small.make(path, fits) is not None
    finally:
        small.close()


async def test_a_thumbnail_that_takes_too_long_is_done_without(store: LocalStore, tmp_path: Path) -> None:
    hurried = Thumbnails(seconds=0)
    try:
        file = await arrive(store, files.picture("PNG", 1500, 900), hurried)
        assert (file.thumbnail, left_in(tmp_path)) == (None, [file.key])
    finally:
        hurried.close()


class Picky(LocalStore):
    """Refuses thumbnails, or never answers them."""

    def __init__(self, root: Path, *, answers: bool) -> None:
        super().__init__(root)
        self._answers = answers

    async def begin(self, key: str) -> LocalUpload:
        if "-thumb" not in key:
            return await super().begin(key)
        if not self._answers:
            await asyncio.Event().wait()
        raise StorageUnavailable("ENOSPC")


@pytest.mark.parametrize("answers", [True, False])
async def test_a_store_that_takes_no_thumbnail_has_the_picture_all_the_same(tmp_path: Path, answers: bool) -> None:
    store = Picky(tmp_path, answers=answers)
    await store.prepare()
    patient, hurried = Thumbnails(), Thumbnails(seconds=0.01)
    try:
        path = tmp_path / "picture"
        path.write_bytes(files.picture("PNG", 64, 64))
        small = await patient.make(path, facts(path, max_pixels=MAX_PIXELS))
        assert small is not None
        assert await hurried.store(small, store) is None
        assert left_in(tmp_path) == ["picture"]
    finally:
        patient.close()
        hurried.close()


async def test_a_maker_that_is_closed_makes_none(store: LocalStore) -> None:
    closed = Thumbnails()
    closed.close()
    assert (await arrive(store, files.picture("PNG"), closed)).thumbnail is None


MODES = {"PNG": ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"], "JPEG": ["L", "RGB", "CMYK"], "GIF": ["L", "P"],
         "WEBP": ["RGB", "RGBA"], "AVIF": ["RGB", "RGBA"]}  # fmt: skip
DRAWN = st.sampled_from([(kind, mode) for kind, modes in MODES.items() for mode in modes])
SIDE = st.one_of(st.integers(1, 64), st.integers(500, 1100))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    form=DRAWN, width=SIDE, height=SIDE, damage=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=3)
)
async def test_no_picture_whole_or_damaged_raises_out_of_the_maker(
    tmp_path: Path, form: tuple[str, str], width: int, height: int, damage: list[tuple[float, int]]
) -> None:
    kind, mode = form
    content = bytearray(saved(Image.new(mode, (width, height)), kind))
    for where, value in damage:
        content[min(len(content) - 1, 30 + int(where * len(content)))] = value
    path = tmp_path / "picture"
    path.write_bytes(content)
    maker = Thumbnails()
    try:
        small = await maker.make(path, FileFacts(f"image/{kind.lower()}", "x", width, height))
    finally:
        maker.close()
    assert small is not None or damage
    if small is not None and not damage:
        found = Image.open(io.BytesIO(small.webp)).size
        assert max(found) == min(512, max(width, height))
        assert abs(found[0] * height - found[1] * width) <= max(width, height)
