"""Which provider's model a name means.

A provider that is named decides alone. Left out: the default one if it has the model, else whoever has it, by its own
name or as `provider/model`. A provider whose list cannot be had is passed over; only where nobody else has the model
does that matter.
"""

from collections.abc import Mapping

from app.actions.list_models import ModelList, near
from app.domain.errors import AmbiguousModel, FieldProblem, ModelListUnavailable, UnknownModel
from app.domain.model import Model

Lists = Mapping[str, Mapping[str, Model]]


async def find_model(models: ModelList, provider: str, slug: str, *, left_out: bool = False) -> Model:
    """`left_out`: nobody named the provider, which is then the default one.

    Raises UnknownProvider, UnknownModel, AmbiguousModel or ModelListUnavailable.
    """
    if not left_out:
        known = await models.of(provider)
        return known.get(_within(slug, provider, known)) or await models.find(provider, slug)
    lists = {provider: known} if slug in (known := await _default(models, provider)) else await models.available()
    found = [known[name] for each, known in lists.items() if (name := _within(slug, each, known)) in known]
    chosen = found if len(found) == 1 else [model for model in found if model.provider == provider]
    if not chosen:
        raise _ambiguous(slug, found) if found else _unknown(slug, lists, models)
    return chosen[0]


async def _default(models: ModelList, provider: str) -> Mapping[str, Model]:
    try:
        return await models.of(provider)
    except ModelListUnavailable:
        return {}


def _within(slug: str, provider: str, known: Mapping[str, Model]) -> str:
    """Without the provider's name before it, unless the model is listed with it."""
    return slug if slug in known else slug.removeprefix(f"{provider}/")


def _ambiguous(slug: str, found: list[Model]) -> AmbiguousModel:
    names = " or ".join(f"{model.provider}/{model.slug}" for model in found)
    problem = FieldProblem("model", f"write {names}")
    return AmbiguousModel(
        f"Several providers have this model; write {names}, or name the provider.", problems=(problem,)
    )


def _unknown(slug: str, lists: Lists, models: ModelList) -> UnknownModel | ModelListUnavailable:
    silent = [name for name in models.providers if name not in lists]
    if silent:
        told = " and ".join(silent)
        return ModelListUnavailable(f"Nobody else has this model, and {told} does not tell its models just now.")
    names = {
        model.slug if len(lists) == 1 else f"{name}/{model.slug}" for name in lists for model in lists[name].values()
    }
    problem = FieldProblem("model", f"{' and '.join(lists)} {'lists' if len(lists) == 1 else 'list'} no such model")
    return UnknownModel(f"Nobody has a model of this name; {near(slug, names)}", problems=(problem,))
