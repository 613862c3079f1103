"""Files are found in an output of any shape, and everything else is data."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.providers.fal.outputs import MOST_OUTPUTS, file_urls
from tests.providers.fal.samples import OUTPUT, output
from tests.providers.skytells.values import JSON_VALUES, nested

OTHER = "https://v3b.fal.media/files/c/d.mp4"
ELSEWHERE = "https://storage.example/x.png"
SHAPES: list[tuple[Any, tuple[str, ...]]] = [
    (output(), (OUTPUT,)),
    ({"images": [{"url": OUTPUT}, {"url": OTHER}]}, (OUTPUT, OTHER)),
    ({"images": [{"url": OTHER}, {"url": OUTPUT}]}, (OTHER, OUTPUT)),
    ({"video": {"url": OTHER, "content_type": "video/mp4"}, "seed": 1}, (OTHER,)),
    ({"video": {"url": OTHER}, "thumbnail": {"url": OUTPUT}}, (OTHER, OUTPUT)),
    ({"model_mesh": {"url": ELSEWHERE}, "timings": {}}, (ELSEWHERE,)),
    ({"a": {"b": [[{"c": {"url": OUTPUT}}]]}}, (OUTPUT,)),
    ([{"url": OUTPUT}, OTHER], (OUTPUT, OTHER)),
    (OUTPUT, (OUTPUT,)),
    ({"images": [OUTPUT, OTHER]}, (OUTPUT, OTHER)),
    ({"image": OUTPUT}, (OUTPUT,)),
    ({"image": {"url": OUTPUT}, "images": [{"url": OUTPUT}]}, (OUTPUT,)),
]
DATA: list[Any] = [
    None,
    7,
    "",
    [],
    {},
    {"text": "a fox"},
    {"prompt": ELSEWHERE},
    {"source_url": ELSEWHERE},
    {"links": [ELSEWHERE]},
    {"url": ""},
    {"url": None},
    {"url": ["not", "one"]},
    {"url": "http://v3.fal.media/x.png"},
    {"url": "ftp://v3.fal.media/x.png"},
    {"url": "data:image/png;base64,AAAA"},
    {"url": "//v3.fal.media/x.png"},
    {"url": "https://"},
    {"url": "https://["},
    {"url": "https://v3.fal.media/\n"},
    {"url": "https://v3.fal.media/\0"},
    {"url": "https://v3.fal.media/\ud800"},
    {"text": "https://v3.fal.media.evil.example/x.png"},
    {"text": "https://notfal.media/x.png"},
    {"text": f"see {OUTPUT}"},
]


@pytest.mark.parametrize(("value", "urls"), SHAPES, ids=range(len(SHAPES)))
def test_files_are_found_in_their_order(value: Any, urls: tuple[str, ...]) -> None:
    assert file_urls(value) == urls


@pytest.mark.parametrize("value", DATA, ids=range(len(DATA)))
def test_everything_else_is_data(value: Any) -> None:
    assert file_urls(value) == ()


@pytest.mark.parametrize("host", ["127.0.0.1:9000", "localhost:9000", "[::1]:9000"])
def test_an_emulator_may_speak_plain_http(host: str) -> None:
    assert file_urls({"url": f"http://{host}/x.png"}) == (f"http://{host}/x.png",)
    assert file_urls({"text": f"http://{host}/x.png"}) == ()


def test_a_flood_of_files_is_cut() -> None:
    assert len(file_urls([{"url": f"https://a/{number}"} for number in range(10_000)])) == MOST_OUTPUTS


@pytest.mark.parametrize("name", [None, "a"])
def test_depth_is_no_matter(name: str | None) -> None:
    assert file_urls({"deep": nested(5000, name), "image": {"url": OUTPUT}}) == (OUTPUT,)


@given(JSON_VALUES | st.fixed_dictionaries({"url": st.text() | st.text().map("https://a/{}".format)}))
def test_no_value_breaks_the_finding_and_every_file_is_an_address(value: Any) -> None:
    for url in file_urls(value):
        assert url.isprintable() and url.isascii() and url.startswith(("https://", "http://"))
