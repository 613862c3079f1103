"""Replicate's names for our models, and the ids of their versions."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.actions.list_models import ModelList, near
from app.domain.errors import FieldProblem, ModelListUnavailable, ModelNotFound
from app.domain.model import Model

REPLICATE = "replicate"
DEPLOYMENTS = "deployments/"
VERSION = re.compile(r"[0-9a-f]{64}")
_PINNED = re.compile(rf"(?P<model>[^/:]+/[^/:]+):(?P<version>{VERSION.pattern})")

Lists = Mapping[str, Mapping[str, Model]]


@dataclass(frozen=True, slots=True)
class Name:
    """`model` is `owner/name`; `deployment` the same, None where it is none."""

    model: str
    version: str
    deployment: str | None = None

    @property
    def owner(self) -> str:
        return self.model.partition("/")[0]

    @property
    def own(self) -> str:
        """Without its owner."""
        return self.model.partition("/")[2]


def name_of(provider: str, slug: str) -> Name:
    """As the package's docstring says."""
    if provider != REPLICATE:
        return Name(f"{provider}/{slug.replace('/', '--')}", _hash(provider, slug))
    if slug.startswith(DEPLOYMENTS):
        deployment = slug.removeprefix(DEPLOYMENTS)
        return Name(deployment, _hash(provider, slug), deployment)
    if found := _PINNED.fullmatch(slug):
        return Name(found["model"], found["version"])
    if VERSION.fullmatch(slug):
        return Name(f"{provider}/{slug}", slug)
    return Name(slug, _hash(provider, slug))


def _hash(provider: str, slug: str) -> str:
    """Not of the schema, which the provider may change: a pinned version must stay one."""
    return hashlib.sha256(f"{provider}/{slug}".encode()).hexdigest()


async def find_named(models: ModelList, model: str) -> Model:
    """By `owner/name`. Raises ModelNotFound or ModelListUnavailable."""
    lists = await models.available()
    found = [each for each, name in _named(lists) if name.model == model and name.deployment is None]
    if not found:
        raise _missing(models, lists, model)
    return min(found, key=_is_pinned)


async def find_version(models: ModelList, version: str, model: str | None = None) -> Model:
    """By a version's id, of this model if one is named. Raises ModelNotFound or ModelListUnavailable."""
    lists = await models.available()
    for each, name in _named(lists):
        if name.version == version and model in (None, name.model):
            return each
    raise _missing(models, lists, model or version)


async def find_deployment(models: ModelList, deployment: str) -> Model:
    """Raises ModelNotFound or ModelListUnavailable."""
    lists = await models.available()
    for each, name in _named(lists):
        if name.deployment == deployment:
            return each
    raise _missing(models, lists, deployment)


async def everyone(models: ModelList) -> list[tuple[Model, Name]]:
    """Models by their names, each once; no deployments."""
    found: dict[str, tuple[Model, Name]] = {}
    for model, name in sorted(_named(await models.available()), key=lambda pair: (pair[1].model, _is_pinned(pair[0]))):
        if name.deployment is None:
            found.setdefault(name.model, (model, name))
    return list(found.values())


async def versions_of(models: ModelList, model: str) -> list[tuple[Model, Name]]:
    """Raises ModelNotFound or ModelListUnavailable."""
    lists = await models.available()
    found = [(each, name) for each, name in _named(lists) if name.model == model and name.deployment is None]
    if not found:
        raise _missing(models, lists, model)
    return sorted(found, key=lambda pair: _is_pinned(pair[0]))


def _named(lists: Lists) -> Iterator[tuple[Model, Name]]:
    for provider, known in lists.items():
        for slug, model in known.items():
            yield model, name_of(provider, slug)


def _is_pinned(model: Model) -> bool:
    return model.provider == REPLICATE and ":" in model.slug


def _missing(models: ModelList, lists: Lists, asked: str) -> ModelNotFound | ModelListUnavailable:
    silent = [provider for provider in models.providers if provider not in lists]
    if silent:
        return ModelListUnavailable(f"{' and '.join(silent)} does not tell its models just now.")
    problem = FieldProblem("model", "is not known here")
    names = {name.model for _, name in _named(lists)}
    return ModelNotFound(f"There is no such model here; {near(asked, names)}", problems=(problem,))
