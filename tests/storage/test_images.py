from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.storage.errors import ActiveContent, FileDamaged, FileRefused, PictureTooLarge, StorageUnavailable
from app.storage.images import FileFacts, check_whole, facts
from tests.storage import files

MAX_PIXELS = 50_000_000
PICTURES = ["PNG", "JPEG", "GIF", "WEBP", "AVIF"]


def written(folder: Path, content: bytes) -> Path:
    path = folder / "picture.png"
    path.write_bytes(content)
    return path


def look(folder: Path, content: bytes, max_pixels: int = MAX_PIXELS) -> FileFacts:
    return facts(written(folder, content), max_pixels=max_pixels)


def prove(folder: Path, content: bytes) -> None:
    check_whole(written(folder, content), max_pixels=MAX_PIXELS)


@pytest.mark.parametrize("kind", PICTURES)
def test_a_pictures_type_and_pixels_come_from_its_content(tmp_path: Path, kind: str) -> None:
    known = look(tmp_path, files.picture(kind, 123, 45))
    assert known.content_type == f"image/{kind.lower()}"
    assert (known.width, known.height) == (123, 45)


@pytest.mark.parametrize(
    "options",
    [{"lossless": True}, {"lossless": False}, {"lossless": False, "exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"}],
)
def test_every_form_of_webp_tells_its_pixels(tmp_path: Path, options: dict[str, object]) -> None:
    known = look(tmp_path, files.picture("WEBP", 301, 7, **options))
    assert (known.width, known.height) == (301, 7)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "AVIF", "PNG"])
def test_an_animation_is_as_large_as_its_canvas(tmp_path: Path, kind: str) -> None:
    known = look(tmp_path, files.animation(kind))
    assert (known.width, known.height) == (40, 30)


@pytest.mark.parametrize("order", ["start", "end"])
def test_a_video_tells_the_size_of_its_picture_track(tmp_path: Path, order: str) -> None:
    assert look(tmp_path, files.video(1920, 1080, order=order)) == FileFacts("video/mp4", "mp4", 1920, 1080)


@pytest.mark.parametrize("content", [files.wav(), files.MP3, files.WEBM, files.GLB, b"hello"])
def test_other_files_have_no_pixels(tmp_path: Path, content: bytes) -> None:
    known = look(tmp_path, content)
    assert (known.width, known.height) == (None, None)


@pytest.mark.parametrize("kind", ["PNG", "GIF", "JPEG"])
def test_a_head_alone_is_enough_where_the_size_stands_early(kind: str) -> None:
    known = facts(files.picture(kind, 400, 300)[:2000], max_pixels=MAX_PIXELS)
    assert (known.width, known.height) == (400, 300)


def test_a_head_too_short_leaves_the_pixels_open() -> None:
    assert facts(files.picture("JPEG")[:10], max_pixels=MAX_PIXELS) == FileFacts("image/jpeg", "jpg", None, None)


@pytest.mark.parametrize(
    "content",
    [
        files.png_of_size(50_000, 50_000),
        files.png_of_size(2**31 - 1, 2**31 - 1),
        files.webp_of_size(16_383, 16_383),
        files.avif_announcing(2**32 - 1, 2**32 - 1),
    ],
)
def test_a_pixel_bomb_is_refused_by_its_header(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(PictureTooLarge):
        look(tmp_path, content)
    with pytest.raises(PictureTooLarge):
        prove(tmp_path, content)


def test_the_pixel_limit_is_exact(tmp_path: Path) -> None:
    content = files.picture("PNG", 100, 50)
    assert look(tmp_path, content, max_pixels=5000).width == 100
    with pytest.raises(PictureTooLarge, match="100×50"):
        look(tmp_path, content, max_pixels=4999)


def test_a_limit_above_pillows_own_is_honoured(tmp_path: Path) -> None:
    assert look(tmp_path, files.png_of_size(20_000, 20_000), max_pixels=10**9).width == 20_000


def test_html_under_a_pictures_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ActiveContent):
        look(tmp_path, b"<html><script>alert(1)</script></html>")


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\0\0\0\0WEBP"])
def test_a_picture_without_a_header_is_damaged(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileDamaged):
        look(tmp_path, content)


def test_a_file_that_cannot_be_read_is_the_disks_fault(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        facts(tmp_path / "nothing", max_pixels=MAX_PIXELS)
    with pytest.raises(StorageUnavailable):
        check_whole(tmp_path / "nothing", max_pixels=MAX_PIXELS)


WHOLE = {kind: files.picture(kind) for kind in PICTURES} | {
    "animated GIF": files.animation("GIF"),
    "animated WEBP": files.animation("WEBP"),
    "animated PNG": files.animation("PNG"),
    "mp4": files.video(),
    "mov": files.video(brand=b"qt  ", order="end"),
    "wav": files.wav(),
    "glb": files.GLB,
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_file_is_proven_so(tmp_path: Path, name: str) -> None:
    prove(tmp_path, WHOLE[name])


@pytest.mark.parametrize("name", WHOLE)
def test_a_cut_file_is_never_taken_for_whole(tmp_path: Path, name: str) -> None:
    content = WHOLE[name]
    for cut in {1, 2, 3, 5, 10, 20, len(content) // 3, len(content) // 2}:
        with pytest.raises(FileDamaged):
            prove(tmp_path, content[: len(content) - cut])


@pytest.mark.parametrize("content", [files.MP3, files.OGG, files.WEBM, files.FLAC, files.SAFETENSORS, b"text"])
def test_kinds_that_never_tell_their_end_cannot_be_proven(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileDamaged, match="unprovable"):
        prove(tmp_path, content)


def test_fragments_count_as_whole_only_with_the_index_after_them(tmp_path: Path) -> None:
    fragmented = files.video() + files.box(b"moof", b"x" * 50) + files.box(b"mdat", b"y" * 50)
    with pytest.raises(FileDamaged):
        prove(tmp_path, fragmented)
    prove(tmp_path, fragmented + files.box(b"mfra", b"z" * 20))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from([*WHOLE.values(), files.avif_announcing(8, 8)]), st.data())
def test_no_damage_raises_anything_but_a_refusal(tmp_path: Path, content: bytes, data: st.DataObject) -> None:
    spoiled = bytearray(content)
    for _ in range(data.draw(st.integers(1, 8))):
        spoiled[data.draw(st.integers(0, min(len(spoiled) - 1, 300)))] = data.draw(st.integers(0, 255))
    del spoiled[data.draw(st.integers(1, len(spoiled))) :]
    for attempt in (look, prove):
        try:
            attempt(tmp_path, bytes(spoiled))
        except FileRefused:
            continue


def test_boxes_without_end_are_given_up_quickly(tmp_path: Path) -> None:
    swarm = files.box(b"ftyp", b"isom\0\0\0\0isom") + files.box(b"moov", files.box(b"trak", b"") * 200_000)
    assert look(tmp_path, swarm).width is None
    nested = b"\0\0\0\x01trak" + (2**63).to_bytes(8, "big")
    assert look(tmp_path, files.box(b"ftyp", b"isom\0\0\0\0isom") + files.box(b"moov", nested)).width is None
