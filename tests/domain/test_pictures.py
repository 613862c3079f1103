"""Which texts of an input are pictures, and how they are exchanged."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.actions.validate_input import validate_input
from app.domain.errors import InvalidRequest
from app.domain.model import Model
from app.domain.pictures import data_uri, decoded, pictures_of, upload_ids, with_pictures, without_pictures
from app.domain.upload import UPLOAD_ID, new_upload_id

ID = "file_" + "0a" * 16
DATA = "data:image/png;base64,AAAA"
LINK = "https://example.com/a.png"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from([ID, DATA, LINK]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)
INPUTS = st.dictionaries(st.sampled_from(["prompt", "image", "mask", "image_urls", "style", "a.b"]), JSON)


@pytest.mark.parametrize(
    ("given_input", "fields"),
    [
        ({"prompt": ID, "negative_prompt": DATA}, []),
        ({"image": ID, "mask": LINK}, ["input.image", "input.mask"]),
        ({"image": "words", "init_image": "words"}, ["input.image"]),
        ({"anything": ID, "other": DATA, "sound": "data:audio/wav;base64,AAAA"}, ["input.anything", "input.other"]),
        ({"website": LINK, "image_urls": [LINK, 7, LINK]}, ["input.image_urls.0", "input.image_urls.2"]),
        (
            {"image_size": "square", "number_of_images": 2, "frames": [{"image_url": LINK}]},
            ["input.frames.0.image_url"],
        ),
    ],
)
def test_pictures_are_known_by_what_they_are_and_where_they_stand(given_input: Any, fields: list[str]) -> None:
    assert [picture.field for picture in pictures_of(given_input)] == fields


@given(INPUTS)
def test_exchanging_nothing_changes_nothing(found: dict[str, Any]) -> None:
    assert with_pictures(found, {}) == found


@given(INPUTS)
def test_every_upload_in_an_input_is_found_and_can_be_exchanged(found: dict[str, Any]) -> None:
    put = {picture.field: LINK for picture in pictures_of(found) if picture.is_upload}
    assert upload_ids(with_pictures(found, put)) == ()
    assert set(upload_ids(found)) == ({ID} if put else set())


@given(st.binary())
def test_data_uris_come_back(content: bytes) -> None:
    assert decoded(data_uri(content, "image/png")) == content


@pytest.mark.parametrize(
    "text", ["", "data:", "data:image/png,AAAA", "data:image/png;base64,AAA", "data:text/html;base64,AA=="]
)
def test_others_are_no_data_uris_of_pictures(text: str) -> None:
    assert decoded(text) is None


def test_ids_are_told_from_all_else() -> None:
    assert UPLOAD_ID.fullmatch(new_upload_id())
    assert new_upload_id() != new_upload_id()


def test_what_a_provider_repeats_is_compared_without_pictures() -> None:
    ours, theirs = {"prompt": "a", "image": ID, "size": 1}, {"prompt": "a", "image": LINK, "size": 1}
    assert without_pictures(theirs, ours) == without_pictures(ours, ours) == {"prompt": "a", "size": 1}


def test_a_schema_that_asks_for_short_addresses_takes_ids_and_data() -> None:
    address = {"type": "string", "format": "uri", "pattern": "^https?://", "maxLength": 40}
    schema = {"properties": {"image": address, "mask": address, "style": {"enum": ["a"]}}}
    model = Model("p", "m", "image", input_schema=schema)
    validate_input({"image": ID, "mask": DATA + "A" * 100}, model)
    with pytest.raises(InvalidRequest):
        validate_input({"style": ID}, model)
    with pytest.raises(InvalidRequest):
        validate_input({"image": [ID]}, model)
