"""An order in anybody's words becomes one in its model's, or a refusal that says who could."""

from typing import Any

import pytest

from app.actions.list_models import ModelList
from app.actions.settle_order import Settled, settle_order
from app.db.engine import Database
from app.domain.errors import InvalidRequest, OperationUnsupported
from app.domain.order import Form
from tests.actions.lists import TEXT, Lister, lists, model

COUNT = {"type": "integer", "maximum": 4}
PLAIN = model("skytells", "plain", number_of_images=COUNT)
DEAR = model("skytells", "dear", "0.09", image=TEXT, mask=TEXT)
CHEAP = model("skytells", "cheap", "0.04", image=TEXT, seed=COUNT)
UNPRICED = model("skytells", "unpriced", None, image=TEXT)
ELSEWHERE = model("fal", "fal-ai/redraw", "0.01", image_url=TEXT)


@pytest.fixture
def models(database: Database) -> ModelList:
    return lists(database, skytells=Lister([PLAIN, DEAR, CHEAP, UNPRICED]), fal=Lister([ELSEWHERE]))


async def settled(models: ModelList, slug: str, given: dict[str, Any], form: Form | None = None) -> Settled:
    return await settle_order(models, "skytells", slug, given, left_out=True, form=form or Form())


async def test_an_input_that_is_the_model_s_own_stays_as_it_is(models: ModelList) -> None:
    found = await settle_order(models, "skytells", "plain", {"number_of_images": 2}, left_out=False, form=None)
    assert (found.model, found.input) == (PLAIN, {"number_of_images": 2})


async def test_a_form_is_put_into_the_words_of_whoever_has_the_model(models: ModelList) -> None:
    found = await settled(models, "fal-ai/redraw", {"prompt": "a", "image": "https://a"})
    assert (found.model, found.input) == (ELSEWHERE, {"prompt": "a", "image_url": "https://a"})


async def test_who_names_an_operation_and_no_model_gets_the_cheapest_that_can(models: ModelList) -> None:
    asked = Form("img2img", model_left_out=True)
    assert (await settled(models, "plain", {"image": "https://a"}, asked)).model == CHEAP
    assert (await settled(models, "dear", {"image": "https://a"}, asked)).model == DEAR


@pytest.mark.parametrize("form", [Form("img2img"), Form(model_left_out=True), Form()])
async def test_a_model_that_cannot_names_those_that_can_the_cheapest_first(models: ModelList, form: Form) -> None:
    with pytest.raises(OperationUnsupported) as refused:
        await settled(models, "plain", {"prompt": "a", "image": "https://a"}, form)
    told = refused.value.detail
    named = ["fal/fal-ai/redraw (0.01 USD per image)", "skytells/cheap", "skytells/dear", "skytells/unpriced"]
    places = [told.index(name) for name in named]
    assert places == sorted(places)
    assert [each.field for each in refused.value.problems] == ["model", "input.image"]


async def test_what_nobody_can_is_said_so(models: ModelList) -> None:
    with pytest.raises(OperationUnsupported, match="No model here can upscale"):
        await settled(models, "plain", {"image": "https://a"}, Form("upscale", model_left_out=True))


async def test_an_operation_without_its_picture_is_refused(models: ModelList) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await settled(models, "dear", {"prompt": "a", "image": "https://a"}, Form("inpaint"))
    assert [each.field for each in refused.value.problems] == ["mask"]


async def test_a_field_that_the_model_lacks_is_named_with_those_that_have_it(models: ModelList) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await settled(models, "plain", {"prompt": "a", "seed": 3, "colour": "red"})
    told = {each.field: each.message for each in refused.value.problems}
    assert told == {"input.seed": "plain has no such field; cheap has", "input.colour": "plain has no such field"}


async def test_a_value_that_does_not_fit_is_named_as_it_was_given(models: ModelList) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await settled(models, "plain", {"prompt": "a", "num_outputs": 9})
    (problem,) = refused.value.problems
    assert problem.field == "input.num_outputs"
    assert problem.message == "must be at most 4 (the model's number_of_images)"
