"""One set of words for every model: what is mapped fits the model's schema, or is named."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from app.domain.model import Model
from app.domain.operations import Operation, can, inferred, lacking, operations_of
from app.domain.parameters import FAMILIES, translate
from app.domain.sizing import SHAPE_FIELDS
from app.providers.fal.models import load_models

TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": 1, "maximum": 4, "default": 1}
SIDE = {"type": "integer", "minimum": 256, "maximum": 2048, "default": 1024}
RATIO = {"type": "string", "enum": ["1:1", "16:9", "9:16", "4:3", "3:4", "21:9"], "default": "1:1"}
PRESET = {"type": "string", "enum": ["square_hd", "square", "portrait_4_3", "landscape_4_3", "landscape_16_9"]}
SIDES = {"type": "object", "properties": {"width": SIDE, "height": SIDE}}
REFERRED = {"allOf": [{"$ref": "#/components/schemas/aspect_ratio"}], "default": "1:1"}


def model(kind: str = "image", required: tuple[str, ...] = (), slug: str = "fox", **fields: Any) -> Model:
    schema = {"type": "object", "properties": {"prompt": TEXT, **fields}, "required": ["prompt", *required]}
    return Model("skytells", slug, kind, input_schema=schema)


def upscaler(**fields: Any) -> Model:
    schema = {"properties": {"image": TEXT, **fields}, "required": ["image"]}
    return Model("replicate", "nightmareai/real-esrgan", "image", input_schema=schema)


def having(fields: dict[str, Any]) -> Model:
    return model(**fields)


TRANSLATED: dict[str, tuple[Model, dict[str, Any], dict[str, Any]]] = {
    "as it is": (model(num_outputs=COUNT), {"num_outputs": 2}, {"num_outputs": 2}),
    "a count": (model(number_of_images=COUNT), {"num_outputs": 2}, {"number_of_images": 2}),
    "another's count": (model(num_outputs=COUNT), {"n": 2}, {"num_outputs": 2}),
    "one, of a model that makes one": (model(), {"num_outputs": 1}, {}),
    "an image": (model(image_url=TEXT), {"image": "https://a"}, {"image_url": "https://a"}),
    "a list of images": (
        model(input_images={"type": "array", "items": TEXT}),
        {"image": "https://a"},
        {"input_images": ["https://a"]},
    ),
    "a first frame": (model("video", first_frame_image=TEXT), {"image": "a"}, {"first_frame_image": "a"}),
    "a mask": (model(mask_url=TEXT), {"mask": "https://a"}, {"mask_url": "https://a"}),
    "strength": (model(prompt_strength={"type": "number"}), {"strength": 0.5}, {"prompt_strength": 0.5}),
    "guidance": (model(cfg_scale={"type": "number"}), {"guidance": 3.5}, {"cfg_scale": 3.5}),
    "steps": (model(num_inference_steps={"type": "integer"}), {"steps": 20}, {"num_inference_steps": 20}),
    "a factor": (upscaler(upscale_factor={"type": "integer"}), {"scale": 2.0}, {"upscale_factor": 2}),
    "a factor in words": (upscaler(upscale_factor={"enum": ["x2", "x4"]}), {"scale": 4}, {"upscale_factor": "x4"}),
    "a factor of a few": (upscaler(scale={"enum": [2, 4]}), {"scale": 2.0}, {"scale": 2}),
    "a length in words": (model("video", duration={"enum": ["5", "10"]}), {"duration": 5}, {"duration": "5"}),
    "another's length": (model("video", duration_seconds=COUNT), {"duration": 3}, {"duration_seconds": 3}),
    "sides as sides": (
        model(width=SIDE, height=SIDE, aspect_ratio=RATIO),
        {"width": 512, "height": 768},
        {"width": 512, "height": 768},
    ),
    "sides as a text": (
        model(size={"enum": ["1024x1024", "1792x1024"]}),
        {"width": 1792, "height": 1024},
        {"size": "1792x1024"},
    ),
    "sides as a preset": (model(image_size=PRESET), {"width": 1024, "height": 768}, {"image_size": "landscape_4_3"}),
    "the nearer of two squares": (model(image_size=PRESET), {"width": 512, "height": 512}, {"image_size": "square"}),
    "sides as an object": (
        model(image_size={"anyOf": [PRESET, SIDES]}),
        {"width": 640, "height": 480},
        {"image_size": {"width": 640, "height": 480}},
    ),
    "a ratio as a ratio": (
        model(width=SIDE, height=SIDE, aspect_ratio=RATIO),
        {"aspect_ratio": "16:9"},
        {"aspect_ratio": "16:9"},
    ),
    "a ratio as sides": (model(width=SIDE, height=SIDE), {"aspect_ratio": "1:1"}, {"width": 1024, "height": 1024}),
    "a ratio as a preset": (model(image_size=PRESET), {"aspect_ratio": "16:9"}, {"image_size": "landscape_16_9"}),
    "a size as sides": (model(width=SIDE, height=SIDE), {"size": "640x480"}, {"width": 640, "height": 480}),
    "a preset as a ratio": (model(aspect_ratio=RATIO), {"image_size": "portrait_4_3"}, {"aspect_ratio": "3:4"}),
}


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_field_goes_under_the_name_that_the_model_has_for_it(name: str) -> None:
    asked, given_, expected = TRANSLATED[name]
    told = translate(given_, asked)
    assert told.input == expected
    assert not told.missing and not told.problems
    assert not list(Draft202012Validator({**asked.input_schema, "required": []}).iter_errors(told.input))


def test_the_nearest_ratio_is_told_as_such() -> None:
    told = translate({"width": 1000, "height": 600}, model(aspect_ratio=RATIO))
    assert told.input == {"aspect_ratio": "16:9"}
    assert {each.field for each in told.adjusted} == {"width", "height"}
    assert "16:9" in told.adjusted[0].message and "1000x600" in told.adjusted[0].message


def test_a_ratio_behind_a_reference_is_found() -> None:
    referring = model(aspect_ratio=REFERRED)
    shapes = {"schemas": {"aspect_ratio": {"type": "string", "enum": ["1:1", "16:9"]}}}
    within = Model("replicate", "a/b", "image", input_schema={**referring.input_schema, "components": shapes})
    assert translate({"width": 1920, "height": 1080}, within).input == {"aspect_ratio": "16:9"}


def test_a_size_that_is_met_needs_no_telling() -> None:
    assert not translate({"width": 1024, "height": 768}, model(image_size=PRESET)).adjusted
    assert not translate({"aspect_ratio": "4:3"}, model(image_size=PRESET)).adjusted


WRONG: dict[str, tuple[Model, dict[str, Any], set[str]]] = {
    "another picture altogether": (model(aspect_ratio=RATIO), {"width": 256, "height": 2048}, {"width", "height"}),
    "half a size": (model(aspect_ratio=RATIO), {"width": 512}, {"width"}),
    "a size said twice": (
        model(aspect_ratio=RATIO),
        {"size": "1x1", "width": 1, "height": 1},
        {"size", "width", "height"},
    ),
    "a size beside the model's own": (model(aspect_ratio=RATIO), {"aspect_ratio": "1:1", "size": "1x1"}, {"size"}),
    "no size at all": (model(aspect_ratio=RATIO), {"size": "large"}, {"size"}),
    "a count said twice": (model(num_outputs=COUNT), {"num_outputs": 2, "n": 3}, {"n"}),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_meant_is_named(name: str) -> None:
    asked, given_, fields = WRONG[name]
    assert {each.field for each in translate(given_, asked).problems} == fields


def test_what_a_model_lacks_is_named() -> None:
    told = translate({"prompt": "a", "mask": "b", "num_outputs": 2, "width": 1, "height": 1, "colour": "red"}, model())
    assert set(told.missing) == {"mask", "num_outputs", "width", "height", "colour"}


FIELDS: dict[str, dict[str, Any]] = {
    **{name: TEXT for family in ("image", "mask") for name in FAMILIES[family]},
    **dict.fromkeys(FAMILIES["num_outputs"], COUNT),
    **{name: {"type": "number"} for name in (*FAMILIES["strength"], *FAMILIES["guidance"])},
    "width": SIDE,
    "height": SIDE,
    "size": {"type": "string", "default": "1024x1024"},
    "image_size": PRESET,
    "aspect_ratio": RATIO,
    "colour": TEXT,
}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **{name: st.just("https://a.example") for name in (*FAMILIES["image"], *FAMILIES["mask"], "colour")},
    **{name: st.integers(1, 4) for name in FAMILIES["num_outputs"]},
    **{name: st.floats(0, 20) for name in (*FAMILIES["strength"], *FAMILIES["guidance"])},
    **dict.fromkeys(("width", "height"), st.integers(256, 2048)),
    "size": st.builds("{}x{}".format, st.integers(256, 2048), st.integers(256, 2048)),
    "image_size": st.sampled_from(PRESET["enum"]),
    "aspect_ratio": st.sampled_from(RATIO["enum"]),
}
WISHES = st.fixed_dictionaries({}, optional=VALUES)
MODELS = st.sets(st.sampled_from(sorted(FIELDS))).map(lambda names: having({name: FIELDS[name] for name in names}))


@given(MODELS, WISHES)
def test_nothing_is_dropped_and_what_is_mapped_fits(asked: Model, wish: dict[str, Any]) -> None:
    told = translate(wish, asked)
    assert set(told.input) <= set(asked.input_schema["properties"])
    named = {*told.missing, *(each.field for each in told.problems)}
    named |= {name for names in told.names.values() for name in names.split(", ")}
    unsaid = {name for name in wish if name in FAMILIES["num_outputs"] and wish[name] == 1}
    assert set(wish) - unsaid <= named
    if not told.missing and not told.problems:
        assert not list(Draft202012Validator({**asked.input_schema, "required": []}).iter_errors(told.input))


@given(
    st.dictionaries(
        st.sampled_from(["image", "n", *SHAPE_FIELDS]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    )
)
def test_whatever_is_sent_is_mapped_or_named(wish: dict[str, Any]) -> None:
    for asked in (having(FIELDS), model(aspect_ratio=RATIO), model(image_size={"anyOf": [PRESET, SIDES]}), model()):
        translate(wish, asked)


CAN: dict[str, tuple[Model, set[str]]] = {
    "a prompt alone": (model(), {"generate"}),
    "a prompt and a seed": (model(seed=COUNT), {"generate", "variations"}),
    "an image that may be": (model(image=TEXT, seed=COUNT), {"generate", "img2img", "variations"}),
    "an image that must be": (model(image_url=TEXT, required=("image_url",)), {"img2img"}),
    "a mask that may be": (model(image=TEXT, mask=TEXT), {"generate", "img2img", "inpaint"}),
    "a mask that must be": (model(image=TEXT, mask=TEXT, required=("image", "mask")), {"inpaint"}),
    "a factor and no prompt": (upscaler(scale={"type": "number"}), {"upscale"}),
    "an upscaler by name": (model(slug="clarity-upscaler", image=TEXT), {"upscale"}),
    "a factor that is guidance": (model(image=TEXT, scale={"type": "number"}), {"generate", "img2img"}),
    "a film": (model("video"), {"generate"}),
    "a film from a picture": (model("video", first_frame_image=TEXT, required=("first_frame_image",)), {"img2video"}),
    "a song": (Model("skytells", "song", "music", input_schema={"properties": {"lyrics": TEXT}}), {"generate"}),
    "nobody knows what": (Model("replicate", "a/b", "image"), {"generate"}),
    "what the table says": (Model("stability", "erase", "image", operations=("erase",)), {"erase"}),
}


@pytest.mark.parametrize("name", CAN)
def test_what_a_model_can_do_follows_from_its_schema(name: str) -> None:
    asked, expected = CAN[name]
    assert set(operations_of(asked)) == expected


def test_a_model_that_tells_nothing_may_be_asked_anything() -> None:
    assert can(Model("replicate", "a/b", "image"), Operation.INPAINT)
    assert not can(Model("stability", "erase", "image", operations=("erase",)), Operation.INPAINT)


def test_what_is_meant_follows_from_the_pictures() -> None:
    draws, films = model(image=TEXT, mask=TEXT), model("video", image=TEXT)
    assert inferred({"prompt": "a"}, draws) == "generate"
    assert inferred({"image_url": "b"}, draws) == "img2img"
    assert inferred({"image": "b", "mask": "c"}, draws) == "inpaint"
    assert inferred({"image": "b"}, films) == "img2video"
    assert inferred({"image": "b"}, upscaler(scale=COUNT)) == "upscale"
    assert lacking(Operation.INPAINT, {"image_url": "b"}) == ("mask",)


def test_every_shipped_model_can_do_something() -> None:
    for each in load_models():
        assert operations_of(each), each.slug
