"""What a create will cost, before it is bought."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.model import Criterion, Model, Price
from app.domain.prices import price_of

SCHEMA = {
    "properties": {
        "prompt": {"type": "string"},
        "num_outputs": {"type": "integer", "default": 1},
        "duration": {"type": "integer", "default": 5},
        "width": {"type": "integer", "default": 1024},
        "height": {"type": "integer", "default": 1024},
    }
}
HIGH = Criterion("resolution", "==", "1080p", Decimal("0.10"))
LONG = Criterion("duration", ">", 5, Decimal("0.20"))


def model(amount: str = "0.03", unit: str = "image", currency: str = "USD", *criteria: Criterion) -> Model:
    return Model(
        "skytells", "fox", "image", input_schema=SCHEMA, price=Price(Decimal(amount), currency, unit, criteria)
    )


PRICES: dict[str, tuple[Model, dict[str, Any], str | None]] = {
    "one picture": (model(), {"prompt": "a fox"}, "0.03"),
    "four pictures": (model(), {"num_outputs": 4}, "0.12"),
    "four under another name": (model(), {"number_of_images": 4}, "0.12"),
    "a count that makes no sense is one": (model(), {"num_outputs": "many"}, "0.03"),
    "none is one": (model(), {"num_outputs": 0}, "0.03"),
    "by the second": (model("0.196", "second"), {"duration": 8}, "1.568"),
    "by the second, for as long as the schema says": (model("0.196", "second"), {}, "0.98"),
    "by five seconds, begun ones whole": (model("1", "5 seconds"), {"duration": 6}, "2"),
    "by the minute": (model("1", "minute"), {"duration": 61}, "2"),
    "by the megapixel": (model("0.02", "image_megapixel"), {"width": 2000, "height": 1000}, "0.04"),
    "rounded up to a millionth": (model("0.0000001"), {}, "0.000001"),
    "free": (model("0"), {}, "0"),
    "by what nobody can know before": (model("0.008", "computing_second"), {}, None),
    "in another currency": (model("3", currency="EUR"), {}, None),
    "without a price": (Model("skytells", "fox", "image"), {}, None),
    "a criterion that holds": (model("0.03", "video", "USD", HIGH), {"resolution": "1080P"}, "0.10"),
    "one that does not": (model("0.03", "video", "USD", HIGH), {"resolution": "720p"}, "0.03"),
    "of several the dearest": (
        model("0.03", "video", "USD", HIGH, LONG),
        {"resolution": "1080p", "duration": 9},
        "0.20",
    ),
}


@pytest.mark.parametrize(("priced", "asked", "cost"), PRICES.values(), ids=PRICES.keys())
def test_a_create_costs(priced: Model, asked: dict[str, Any], cost: str | None) -> None:
    assert price_of(priced, asked) == (None if cost is None else Decimal(cost))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from(["num_outputs", "duration", "width", "height", "n", "resolution"]), ANYTHING))
def test_no_input_makes_a_price_negative_or_endless(asked: dict[str, Any]) -> None:
    for unit in ("image", "second", "megapixel", "minute", "token"):
        cost = price_of(model("0.03", unit, "USD", HIGH, LONG), asked)
        assert cost is None or 0 <= cost < Decimal(10) ** 14
