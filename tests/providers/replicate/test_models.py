"""What is offered: the table, and the schemas that the API tells."""

import json
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.actions.validate_input import validate_input
from app.domain.errors import InvalidRequest
from app.domain.model import Model, Price
from app.domain.ports import Unavailable
from app.domain.prices import price_of
from app.providers.price_table import load_prices
from app.providers.replicate import Replicate
from app.providers.replicate.catalogue import WELL_KNOWN, described
from app.providers.replicate.routes import released_path, route_of
from app.providers.replicate.schemas import input_schema
from tests.providers.replicate.samples import BASE, INPUT, MODEL, VERSION, bare, model_object, openapi, replicate_of
from tests.providers.skytells.values import JSON_VALUES, nested
from tests.providers.stub import ApiStub, answer


def model_of(document: Any) -> Model:
    return described("acme/painter", {"latest_version": {"openapi_schema": document}})


def problems(document: Any, **given_input: Any) -> list[str]:
    try:
        validate_input(given_input, model_of(document))
    except InvalidRequest as error:
        return [problem.field for problem in error.problems]
    return []


def test_every_well_known_model_can_be_bought_and_is_priced() -> None:
    prices = load_prices()
    for slug, model in WELL_KNOWN.items():
        assert route_of(slug) is not None
        assert price_of(prices.priced(model), {}) is not None


async def test_each_model_is_asked_for_once_by_its_name(replicate: Replicate, api: ApiStub) -> None:
    api.says(model_object())
    models = await replicate.models()
    assert {str(request.url) for request in api.requests} == {f"{BASE}/models/{slug}" for slug in WELL_KNOWN}
    assert [model.slug for model in models] == [*WELL_KNOWN]


def test_a_model_is_the_tables_price_and_the_apis_words() -> None:
    model = described(MODEL, model_object())
    assert (model.provider, model.slug, model.kind, model.description) == ("replicate", MODEL, "image", "Pictures.")
    assert model.price == Price(Decimal("0.003"), "USD", "image")
    assert model.input_schema["required"] == ["prompt"]


@pytest.mark.parametrize("latest", [None, {}, 7, {"openapi_schema": None}, {"openapi_schema": {"components": []}}])
def test_a_model_without_a_schema_is_offered_all_the_same(latest: Any) -> None:
    assert described("acme/painter", model_object(description=None, latest_version=latest)) == bare("acme/painter")


@pytest.mark.parametrize("status", [403, 404, 422])
async def test_one_that_is_gone_or_not_for_us_does_not_hide_the_others(
    replicate: Replicate, api: ApiStub, status: int
) -> None:
    api.answers(answer({"detail": "Not found."}, status=status), answer(model_object()))
    assert len(await replicate.models()) == len(WELL_KNOWN) - 1


@pytest.mark.parametrize("trouble", [answer(status=500), answer(body=b"[]"), httpx.ReadTimeout("no")])
async def test_one_that_does_not_answer_leaves_the_last_good_list_standing(
    replicate: Replicate, api: ApiStub, trouble: Any
) -> None:
    api.answers(trouble, answer(model_object()))
    with pytest.raises(Unavailable):
        await replicate.models()


async def test_a_name_given_twice_is_offered_once(http: httpx.AsyncClient, api: ApiStub) -> None:
    api.says(model_object())
    models = await replicate_of(http, slugs=(MODEL, "acme/painter", "acme/painter")).models()
    assert [model.slug for model in models] == [*WELL_KNOWN, "acme/painter"]


def test_what_the_inputs_refer_to_comes_along_and_nothing_else() -> None:
    schema = input_schema(openapi())
    assert schema["components"] == {
        "schemas": {"aspect_ratio": {"enum": ["1:1", "16:9"], "type": "string", "title": "aspect_ratio"}}
    }


def test_an_input_is_judged_by_the_shapes_it_refers_to() -> None:
    assert problems(openapi(), prompt="a fox", aspect_ratio="16:9") == []
    assert problems(openapi(), prompt="a fox", aspect_ratio="2:3") == ["input.aspect_ratio"]
    assert problems(openapi()) == ["input.prompt"]
    assert problems(openapi(), prompt="a fox", num_outputs=5, steps=4) == ["input.steps", "input.num_outputs"]


def test_what_may_be_null_may_be_null() -> None:
    assert problems(openapi(), prompt="a fox", seed=None) == []
    assert problems(openapi(), prompt="a fox", seed="x") == ["input.seed"]
    assert problems(openapi(), prompt="a fox", num_outputs=None) == ["input.num_outputs"]
    style = {"allOf": [{"$ref": "#/components/schemas/aspect_ratio"}], "nullable": True}
    document = openapi({"properties": {"ratio": style, "size": {"type": "string", "enum": ["s"], "nullable": True}}})
    assert problems(document, ratio=None, size=None) == []
    assert problems(document, ratio="2:3", size="m") == ["input.ratio", "input.size"]


def test_shapes_may_refer_to_others_and_to_themselves() -> None:
    tree = {
        "type": "object",
        "properties": {"leaf": {"$ref": "#/components/schemas/leaf"}, "next": {"$ref": "#/components/schemas/tree"}},
    }
    given_input = {"properties": {"tree": {"$ref": "#/components/schemas/tree"}}}
    document = openapi(given_input, tree=tree, leaf={"type": "integer"})
    assert set(input_schema(document)["components"]["schemas"]) == {"tree", "leaf"}
    assert problems(document, tree={"leaf": 1, "next": {"leaf": 2}}) == []
    assert problems(document, tree={"next": {"next": {"leaf": "x"}}}) == ["input.tree.next.next.leaf"]


def test_a_reference_to_nowhere_judges_nothing() -> None:
    assert problems(openapi({"properties": {"a": {"$ref": "#/components/schemas/nowhere"}}}), a=1) == []


BAD_DOCUMENTS: dict[str, Any] = {
    "missing": None,
    "a text": "openapi",
    "no inputs": {"components": {"schemas": {"Output": {}}}},
    "inputs that are no object": openapi([]),
    "a wrong type": openapi({"type": "picture"}),
    "a wrong type beside": openapi(INPUT, aspect_ratio={"type": "picture"}),
    "a shape beside that is no object": openapi(INPUT, aspect_ratio=7),
    "a pattern that is none": openapi({"properties": {"prompt": {"pattern": "("}}}),
    "a bound of OpenAPI 3.0": openapi({"properties": {"n": {"minimum": 1, "exclusiveMinimum": True}}}),
    "a NaN": openapi({"properties": {"n": {"default": float("nan")}}}),
    "a NUL": openapi({"properties": {"prompt": {"default": "a\0b"}}}),
    "half of a surrogate pair": openapi({"properties": {"prompt": {"default": "\ud800"}}}),
    "bottomless": openapi({"properties": {"a": nested(3000, "not")}}),
}


@pytest.mark.parametrize("document", BAD_DOCUMENTS.values(), ids=BAD_DOCUMENTS.keys())
def test_a_schema_that_is_none_leaves_the_judgement_to_the_provider(document: Any) -> None:
    assert model_of(document).input_schema == {}


@given(JSON_VALUES | st.builds(openapi, JSON_VALUES, aspect_ratio=JSON_VALUES))
def test_no_document_breaks_the_list_and_every_schema_can_be_stored(document: Any) -> None:
    stored = json.dumps(model_of(document).input_schema, ensure_ascii=False, allow_nan=False).encode()
    assert rb"\u0000" not in stored


@pytest.mark.parametrize(
    ("description", "kept"), [(None, ""), (7, ""), (["a"], ""), ("a\0b\ud800c\n", "abc\n"), ("x" * 9000, "x" * 2000)]
)
def test_a_description_is_short_and_storable(description: Any, kept: str) -> None:
    assert described("acme/painter", model_object(description=description)).description == kept


def test_an_operators_price_by_the_second_is_none_before_it_is_made() -> None:
    by_time = Model("replicate", "acme/painter", "image", price=Price(Decimal("0.0014"), "USD", "compute_second"))
    assert price_of(by_time, {"seconds": 5, "duration": 5}) is None


RELEASES: list[tuple[Any, str | None]] = [
    ({"model": "acme/painter", "version": VERSION}, f"/models/acme/painter/versions/{VERSION}"),
    ({"model": "acme/painter", "version": "hidden"}, None),
    ({"model": "../account", "version": VERSION}, None),
    ({"model": "", "version": VERSION}, None),
    ({"model": "acme/painter"}, None),
    ({"model": ["acme/painter"], "version": {}}, None),
    ({}, None),
    (7, None),
]


@pytest.mark.parametrize(("release", "path"), RELEASES, ids=range(len(RELEASES)))
def test_a_deployment_is_described_by_the_version_it_runs(release: Any, path: str | None) -> None:
    assert released_path(release) == path
