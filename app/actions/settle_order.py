"""What a client asks for, settled: whose model it is, and its input in that model's own words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.actions.find_model import find_model
from app.actions.list_models import ModelList
from app.actions.validate_input import MOST_PROBLEMS, shortened, validate_input
from app.domain.errors import DarkroomError, FieldProblem, InvalidRequest, OperationUnsupported
from app.domain.model import Model
from app.domain.operations import can, inferred, lacking, operations_of
from app.domain.order import Form
from app.domain.parameters import Translation, known_as, translate
from app.domain.prediction import Adjustment
from app.domain.prices import price_of
from app.domain.sizing import SHAPE_FIELDS

MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Settled:
    model: Model
    input: Mapping[str, Any] = field(repr=False)
    adjusted: tuple[Adjustment, ...] = ()


async def settle_order(
    models: ModelList, provider: str, slug: str, given: Mapping[str, Any], *, left_out: bool, form: Form | None
) -> Settled:
    """`left_out` is of the provider. Raises what `find_model` does, OperationUnsupported and InvalidRequest."""
    model = await find_model(models, provider, slug, left_out=left_out)
    if form is None:
        validate_input(given, model)
        return Settled(model, given)
    operation = form.operation or inferred(given, model)
    _check_pictures(operation, given)
    if not can(model, operation):
        model = await _another(models, model, operation, given, form)
    told = translate(given, model)
    if told.missing or told.problems:
        raise await _misfit(models, model, told)
    _validated(told, model)
    return Settled(model, told.input, told.adjusted)


def _check_pictures(operation: str, given: Mapping[str, Any]) -> None:
    problems = tuple(FieldProblem(name, f"is needed to {operation}") for name in lacking(operation, given))
    if problems:
        raise InvalidRequest(f"There is nothing to {operation}.", problems=problems)


async def _another(models: ModelList, model: Model, operation: str, given: Mapping[str, Any], form: Form) -> Model:
    """Raises OperationUnsupported where it is not ours to choose, or there is none."""
    own = _able((await models.of(model.provider)).values(), operation)
    if own and form.operation is not None and form.model_left_out:
        return own[0]
    raise _unsupported(model, operation, given, _able(await _everyone(models), operation))


def _able(models: Iterable[Model], operation: str) -> list[Model]:
    return cheapest(each for each in models if operation in operations_of(each) and not each.offline)


def _unsupported(model: Model, operation: str, given: Mapping[str, Any], able: list[Model]) -> OperationUnsupported:
    offered = ", ".join(map(_offered, able[:MOST_NAMED]))
    others = f"These can, the cheapest first: {offered}." if able else f"No model here can {operation}."
    unfit = [name for name in ("image", "mask") if name in given and known_as(name, model) is None]
    return OperationUnsupported(
        f"{model.slug} cannot {operation}; it can {' and '.join(operations_of(model)) or 'nothing'}. {others}",
        problems=(
            FieldProblem("model", f"cannot {operation}"),
            *(FieldProblem(f"input.{name}", f"{model.slug} has no such field") for name in unfit),
        ),
    )


async def _misfit(models: ModelList, model: Model, told: Translation) -> InvalidRequest:
    """With the models that have what this one lacks."""
    alike = cheapest(each for each in await _everyone(models) if each.kind == model.kind and not each.offline)
    missing = [FieldProblem(f"input.{shortened(name)}", _lack(name, model, alike)) for name in told.missing]
    others = [FieldProblem(f"input.{shortened(each.field)}", each.message) for each in told.problems]
    problems = (*missing, *others)[:MOST_PROBLEMS]
    return InvalidRequest(f"The input does not fit {model.slug}.", problems=problems)


def _lack(name: str, model: Model, alike: list[Model]) -> str:
    having = [_label(each, model) for each in alike if _takes(each, name)][:MOST_NAMED]
    lack = f"{model.slug} has no such field"
    return f"{lack}; {', '.join(having)} {'has' if len(having) == 1 else 'have'}" if having else lack


def _takes(model: Model, name: str) -> bool:
    return any(known_as(each, model) for each in (SHAPE_FIELDS if name in SHAPE_FIELDS else (name,)))


def _validated(told: Translation, model: Model) -> None:
    """Raises InvalidRequest, in which fields are named as they were given."""
    try:
        validate_input(told.input, model)
    except DarkroomError as trouble:
        trouble.problems = tuple(_as_given(each, told.names) for each in trouble.problems)
        raise


def _as_given(problem: FieldProblem, names: Mapping[str, str]) -> FieldProblem:
    top, _, rest = problem.field.removeprefix("input.").partition(".")
    given = names.get(top, top)
    where = ".".join(filter(None, ("input", given, rest if given == top else "")))
    return problem if given == top else FieldProblem(where, f"{problem.message} (the model's {top})")


async def _everyone(models: ModelList) -> list[Model]:
    return [model for listed in (await models.available()).values() for model in listed.values()]


def cheapest(models: Iterable[Model]) -> list[Model]:
    """Those with a known price first, by what they cost when asked for as little as possible."""
    priced = [(price_of(model, {}), model) for model in models]
    return [model for _, model in sorted(priced, key=lambda pair: (pair[0] is None, pair[0] or 0, pair[1].slug))]


def _offered(model: Model) -> str:
    price = model.price
    told = f" ({price.amount.normalize():f} {price.currency} per {price.unit})" if price else ""
    return f"{model.provider}/{model.slug}{told}"


def _label(model: Model, beside: Model) -> str:
    return model.slug if model.provider == beside.provider else f"{model.provider}/{model.slug}"
