"""ThumbHash, held against the package of that name: its encoder for opaque pictures, its decoder for all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thumbhash import rgba_to_thumb_hash, thumb_hash_to_average_rgba, thumb_hash_to_rgba

from app.storage.thumbhash import thumbhash


@st.composite
def pictures(draw: st.DrawFn, *, alpha: bool, square: bool = False) -> tuple[int, int, bytes]:
    width = draw(st.integers(1, 20))
    height = width if square else draw(st.integers(1, 20))
    pixels = bytearray(draw(st.binary(min_size=width * height * 4, max_size=width * height * 4)))
    if not alpha:
        pixels[3::4] = b"\xff" * (width * height)
    return width, height, bytes(pixels)


@settings(max_examples=60)
@given(pictures(alpha=False, square=True))
def test_an_opaque_picture_has_the_hash_that_others_give_it(picture: tuple[int, int, bytes]) -> None:
    """But for halves, which the source rounds up and Python to even: so the pictures are compared."""
    ours, theirs = (thumb_hash_to_rgba(list(octets)) for octets in (thumbhash(*picture), rgba_to_thumb_hash(*picture)))
    assert ours[:2] == theirs[:2]
    assert all(abs(one - other) <= 24 for one, other in zip(ours[2], theirs[2], strict=True))


@settings(max_examples=60)
@given(pictures(alpha=True))
def test_every_hash_can_be_read(picture: tuple[int, int, bytes]) -> None:
    made = thumbhash(*picture)
    assert 5 <= len(made) <= 25
    across, down, rgba = thumb_hash_to_rgba(list(made))
    assert len(rgba) == across * down * 4


@pytest.mark.parametrize("colour", [(200, 40, 90, 255), (10, 200, 30, 128), (0, 0, 0, 255), (255, 255, 255, 255)])
def test_a_flat_colour_and_its_alpha_come_back(colour: tuple[int, int, int, int]) -> None:
    found = thumb_hash_to_average_rgba(list(thumbhash(8, 6, bytes(colour) * 48)))
    assert all(abs(got * 255 - wanted) < 12 for got, wanted in zip(found, colour, strict=True))


def test_what_is_all_transparent_has_a_hash_too() -> None:
    assert thumb_hash_to_average_rgba(list(thumbhash(4, 4, bytes(64))))[3] == 0


def test_a_large_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="too many"):
        thumbhash(101, 1, bytes(404))
