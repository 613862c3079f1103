import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.model import Model, Price
from app.domain.ports import Unavailable
from app.providers.skytells import Skytells
from app.providers.skytells.models import read_model
from tests.providers.skytells.samples import BASE
from tests.providers.skytells.values import JSON_VALUES, nested
from tests.providers.stub import ApiStub

SCHEMA = {
    "type": "object",
    "required": ["prompt"],
    "properties": {"prompt": {"type": "string", "x-order": 0}, "width": {"type": "integer", "minimum": 256}},
}
ENTRY: dict[str, Any] = {
    "name": "TrueFusion Pro",
    "description": "Pictures.",
    "namespace": "truefusion-pro",
    "type": "image",
    "vendor": {"name": "Skytells", "slug": "skytells"},
    "pricing": {"amount": 0.03, "currency": "usd", "unit": "image", "criterias": []},
    "status": "operational",
    "input_schema": SCHEMA,
}


def read(**changes: Any) -> Model:
    model = read_model(ENTRY | changes)
    assert model is not None
    return model


async def test_models_are_asked_for_with_their_schemas(skytells: Skytells, api: ApiStub) -> None:
    api.says([])
    assert await skytells.models() == []
    assert api.last.url.copy_with(query=None) == httpx.URL(f"{BASE}/models")
    assert dict(api.last.url.params) == {"fields": "input_schema,output_schema"}


@pytest.mark.parametrize("wrap", [lambda entries: entries, lambda entries: {"data": entries}])
async def test_a_list_is_an_array_or_an_envelope(skytells: Skytells, api: ApiStub, wrap: Any) -> None:
    api.says(wrap([ENTRY]))
    assert await skytells.models() == [
        Model(
            provider="skytells",
            slug="truefusion-pro",
            kind="image",
            description="Pictures.",
            input_schema=SCHEMA,
            price=Price(Decimal("0.03"), "USD", "image"),
        )
    ]


async def test_malformed_entries_do_not_hide_the_others(skytells: Skytells, api: ApiStub) -> None:
    entries: list[Any] = [None, 7, "truefusion", [], {}, {"name": None}, {"namespace": 7}, {"type": "text"}, ENTRY]
    api.says(entries)
    assert [model.slug for model in await skytells.models()] == ["truefusion-pro"]


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"{}"), (200, b"null"), (200, b'{"data": {}}'), (200, b"<html>"), (401, b"[]"), (500, b""), (302, b"[]")],
)
async def test_what_is_no_list_is_an_outage(skytells: Skytells, api: ApiStub, status: int, body: bytes) -> None:
    api.says(body=body, status=status, headers={"retry-after": "4"})
    with pytest.raises(Unavailable) as caught:
        await skytells.models()
    assert caught.value.retry_after == timedelta(seconds=4)


@pytest.mark.parametrize(
    ("names", "slug"),
    [
        ({"namespace": "a", "slug": "b", "name": "c"}, "a"),
        ({"namespace": "", "slug": "b", "name": "c"}, "b"),
        ({"namespace": None, "slug": None, "name": "c"}, "c"),
        ({"namespace": "FLUX.2-pro"}, "FLUX.2-pro"),
    ],
)
def test_the_slug_is_what_a_create_can_name(names: dict[str, Any], slug: str) -> None:
    assert read(**names).slug == slug


@pytest.mark.parametrize("slug", ["a\0b", "a\nb", "\ud800", "", 7, None, ["a"], {"a": 1}])
def test_a_slug_that_cannot_be_named_is_none(slug: Any) -> None:
    assert read_model({"namespace": slug, "type": "image"}) is None


@pytest.mark.parametrize("kind", ["text", "code"])
def test_models_that_are_not_predicted_with_are_left_out(kind: str) -> None:
    assert read_model(ENTRY | {"type": kind}) is None


@pytest.mark.parametrize("kind", [None, "", 7, ["image"], {"a": 1}])
def test_a_kind_that_is_none_is_taken_for_image(kind: Any) -> None:
    assert read(type=kind).kind == "image"


@pytest.mark.parametrize(
    ("description", "kept"),
    [(None, ""), (7, ""), (["a"], ""), ("a\0b\ud800c\n", "abc\n"), ("x" * 9000, "x" * 2000)],
)
def test_a_description_is_short_and_storable(description: Any, kept: str) -> None:
    assert read(description=description).description == kept


@pytest.mark.parametrize(("status", "is_offline"), [("offline", True), ("operational", False), (None, False)])
def test_an_offline_model_says_so(status: str | None, is_offline: bool) -> None:
    assert read(status=status).offline is is_offline


BAD_SCHEMAS: dict[str, Any] = {
    "missing": None,
    "a text": "object",
    "an array": [],
    "a wrong type": {"type": "picture"},
    "a wrong bound": {"properties": {"width": {"minimum": "256"}}},
    "a pattern that is none": {"properties": {"prompt": {"pattern": "("}}},
    "a NaN": {"properties": {"width": {"default": float("nan")}}},
    "an infinity": {"properties": {"width": {"maximum": float("inf")}}},
    "a NUL": {"properties": {"prompt": {"default": "a\0b"}}},
    "a NUL in a name": {"properties": {"a\0b": {}}},
    "half of a surrogate pair": {"properties": {"prompt": {"default": "\ud800"}}},
    "bottomless": {"properties": {"a": nested(900, "not")}},
}


@pytest.mark.parametrize("schema", BAD_SCHEMAS.values(), ids=BAD_SCHEMAS.keys())
def test_a_schema_that_is_none_leaves_the_judgement_to_the_provider(schema: Any) -> None:
    assert read(input_schema=schema).input_schema == {}


@pytest.mark.parametrize(
    ("pricing", "price"),
    [
        ({"amount": 0.03, "currency": "usd", "unit": "image"}, Price(Decimal("0.03"), "USD", "image")),
        ({"amount": "0.196", "currency": "EUR", "unit": "second"}, Price(Decimal("0.196"), "EUR", "second")),
        ({"amount": 2}, Price(Decimal(2), "USD", "prediction")),
        ({"amount": 0}, Price(Decimal(0), "USD", "prediction")),
        ({"amount": 1, "currency": 7, "unit": None}, Price(Decimal(1), "USD", "prediction")),
        ({"amount": 1, "currency": "u\0sd", "unit": "\ud800"}, Price(Decimal(1), "USD", "prediction")),
    ],
)
def test_a_price_is_exact(pricing: dict[str, Any], price: Price) -> None:
    assert read(pricing=pricing).price == price


ABSURD_AMOUNTS: list[Any] = [
    None,
    True,
    -0.01,
    float("nan"),
    float("inf"),
    1e308,
    10**400,
    10**5000,
    "1e999999999",
    "NaN",
    "sNaN",
    "-Infinity",
    "free",
    "",
    [0.03],
    {"usd": 1},
    nested(5000),
]


@pytest.mark.parametrize("amount", ABSURD_AMOUNTS, ids=range(len(ABSURD_AMOUNTS)))
def test_an_absurd_price_is_none(amount: Any) -> None:
    assert read(pricing={"amount": amount}).price is None


@pytest.mark.parametrize("pricing", [None, 0.03, "0.03", [], {}, {"currency": "USD"}])
def test_no_price_is_none(pricing: Any) -> None:
    assert read(pricing=pricing).price is None


@given(
    JSON_VALUES
    | st.fixed_dictionaries({"name": st.text()}, optional=dict.fromkeys(ENTRY.keys() - {"name"}, JSON_VALUES))
)
def test_no_entry_breaks_the_list_and_every_model_can_be_stored(entry: Any) -> None:
    model = read_model(entry)
    if model is not None:
        price = model.price and [str(model.price.amount), model.price.currency, model.price.unit]
        kept = [model.slug, model.kind, model.description, model.input_schema, price]
        stored = json.dumps(kept, ensure_ascii=False, allow_nan=False).encode()
        assert rb"\u0000" not in stored
