import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.storage.errors import ActiveContent, FileDamaged
from app.storage.sniff import SERVED, sniff
from tests.storage import files

KINDS = {
    "png": files.picture("PNG"),
    "jpg": files.picture("JPEG"),
    "gif": files.picture("GIF"),
    "webp": files.picture("WEBP"),
    "avif": files.picture("AVIF"),
    "mp4": files.video(),
    "mov": files.video(brand=b"qt  "),
    "m4a": files.video(brand=b"M4A "),
    "webm": files.WEBM,
    "wav": files.wav(),
    "mp3": files.MP3,
    "ogg": files.OGG,
    "flac": files.FLAC,
    "glb": files.GLB,
    "safetensors": files.SAFETENSORS,
}


@pytest.mark.parametrize("extension", KINDS)
def test_a_file_is_known_by_its_first_bytes(extension: str) -> None:
    assert sniff(KINDS[extension]).extension == extension


def test_a_tagged_mp3_and_a_generic_avif_are_known_too() -> None:
    assert sniff(files.MP3_TAGGED).content_type == "audio/mpeg"
    assert sniff(files.avif_announcing(8, 8)).content_type == "image/avif"


@pytest.mark.parametrize(
    "head",
    [
        b"hello",
        b"\0" * 100,
        b"%PDF-1.7",
        b"PK\3\4",
        b"MZ",
        b"#!/bin/sh",
        b'{"a": 1}',
        b"alert(1)",
        files.MATROSKA,
        b"\xff\xfe",
        b"\xff\xfb\xff\xff",
        b"RIFF\0\0\0\0AVI ",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        b"a < b",
    ],
)
def test_anything_else_is_octets(head: bytes) -> None:
    assert sniff(head).content_type == "application/octet-stream"


@pytest.mark.parametrize(
    "text",
    [
        "<html><script>alert(1)</script>",
        "<!DOCTYPE html>",
        "<!-- a comment --><svg/>",
        '<?xml version="1.0"?><svg/>',
        '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "\n\t  <body>",
        "\0\0<html>",
        "<script>",
        "<math>",
        "</html>",
        " " * 60_000 + "<html>",
    ],
)
def test_markup_is_refused_in_any_encoding(text: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"):
        with pytest.raises(ActiveContent):
            sniff(text.encode(encoding))


def test_a_file_that_is_two_things_is_what_its_first_bytes_say() -> None:
    assert sniff(b"GIF89a/*<html><script>alert(1)</script>").content_type == "image/gif"
    assert sniff(b"\xff\xd8\xff<script>").content_type == "image/jpeg"
    with pytest.raises(ActiveContent):
        sniff(b"<html>" + files.picture("PNG"))


def test_no_byte_is_no_file() -> None:
    with pytest.raises(FileDamaged, match="empty"):
        sniff(b"")


def test_no_served_type_can_run() -> None:
    assert not any(kind.content_type.startswith("text/") or "xml" in kind.content_type for kind in SERVED)


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=300), st.sampled_from([b"", *(head[:12] for head in KINDS.values())]))
def test_any_bytes_get_a_served_type_or_are_refused(tail: bytes, start: bytes) -> None:
    try:
        assert sniff(start + tail) in SERVED
    except ActiveContent:
        assert not start
