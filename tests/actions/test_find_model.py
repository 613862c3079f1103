"""A model's name finds its provider, or says who might be meant."""

import pytest

from app.actions.find_model import find_model
from app.actions.list_models import ModelList
from app.db.engine import Database
from app.domain.errors import AmbiguousModel, ModelListUnavailable, UnknownModel, UnknownProvider
from app.domain.model import Model
from tests.actions.lists import Lister, lists, model

SKYTELLS = Lister([model("skytells", "truefusion-pro"), model("skytells", "flux-pro")])
FAL = Lister([model("fal", "fal-ai/flux/dev"), model("fal", "owner/shared")])
REPLICATE = Lister([model("replicate", "black-forest-labs/flux-dev"), model("replicate", "owner/shared")])


@pytest.fixture
def models(database: Database) -> ModelList:
    return lists(database, skytells=SKYTELLS, fal=FAL, replicate=REPLICATE)


async def found(models: ModelList, slug: str, default: str = "skytells") -> Model:
    return await find_model(models, default, slug, left_out=True)


@pytest.mark.parametrize(
    ("asked", "provider", "slug"),
    [
        ("truefusion-pro", "skytells", "truefusion-pro"),
        ("skytells/truefusion-pro", "skytells", "truefusion-pro"),
        ("fal-ai/flux/dev", "fal", "fal-ai/flux/dev"),
        ("fal/fal-ai/flux/dev", "fal", "fal-ai/flux/dev"),
        ("black-forest-labs/flux-dev", "replicate", "black-forest-labs/flux-dev"),
        ("replicate/owner/shared", "replicate", "owner/shared"),
    ],
)
async def test_a_model_names_its_provider(models: ModelList, asked: str, provider: str, slug: str) -> None:
    known = await found(models, asked)
    assert (known.provider, known.slug) == (provider, slug)


async def test_a_model_of_several_is_the_default_provider_s(models: ModelList) -> None:
    assert (await found(models, "owner/shared", default="replicate")).provider == "replicate"


async def test_a_model_of_several_others_is_asked_back(models: ModelList) -> None:
    with pytest.raises(AmbiguousModel) as refused:
        await found(models, "owner/shared")
    assert "fal/owner/shared or replicate/owner/shared" in refused.value.detail


async def test_a_model_that_nobody_has_may_be_a_slip(models: ModelList) -> None:
    with pytest.raises(UnknownModel) as refused:
        await found(models, "truefusoin-pro")
    assert "did you mean skytells/truefusion-pro" in refused.value.detail
    with pytest.raises(UnknownModel) as within:
        await find_model(models, "skytells", "Flux-Pro")
    assert "did you mean flux-pro?" in within.value.detail


async def test_a_provider_that_is_named_decides_alone(models: ModelList) -> None:
    assert (await find_model(models, "skytells", "skytells/flux-pro")).slug == "flux-pro"
    with pytest.raises(UnknownModel):
        await find_model(models, "skytells", "fal-ai/flux/dev")
    with pytest.raises(UnknownProvider):
        await find_model(models, "nobody", "flux-pro")


async def test_a_silent_provider_stands_in_nobody_s_way(database: Database) -> None:
    silent = Lister(None)
    for default in ("skytells", "fal"):
        models = lists(database, skytells=SKYTELLS, fal=silent)
        assert (await found(models, "truefusion-pro", default)).provider == "skytells"


async def test_what_a_silent_provider_might_have_is_not_called_unknown(database: Database) -> None:
    silent = Lister(None)
    models = lists(database, skytells=SKYTELLS, fal=silent)
    for _ in range(3):
        with pytest.raises(ModelListUnavailable) as refused:
            await found(models, "fal-ai/flux/dev")
        assert "fal" in refused.value.detail
    assert silent.asked == 1


async def test_the_catalogue_names_the_silent(database: Database) -> None:
    told = await lists(database, skytells=SKYTELLS, fal=Lister(None)).catalogue()
    assert ([each.slug for each in told.models], told.unavailable) == (["truefusion-pro", "flux-pro"], ["fal"])
    assert (await lists(database, skytells=SKYTELLS, fal=FAL).catalogue("fal")).models == FAL.told


async def test_a_list_is_kept_whole(database: Database) -> None:
    eraser = Model("fal", "a/erase", "image", operations=("erase",), usual_seconds=2.5)
    await lists(database, fal=Lister([eraser, model("fal", "a/b")])).of("fal")
    kept = await lists(database, fal=Lister(None)).of("fal")
    assert list(kept.values()) == [eraser, model("fal", "a/b")]
