"""What a model's name asks for: which path takes its create, which one describes it, which entries are its own.

A name is `owner/name` (an official model), `owner/name:version` or a bare version of 64 hex digits (a pinned version),
or `deployments/owner/name`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_MODEL = re.compile(rf"(?P<model>{_NAME}/{_NAME})")
_VERSION = re.compile(rf"((?P<model>{_NAME}/{_NAME}):)?(?P<version>[0-9a-f]{{64}})")
_DEPLOYMENT = re.compile(rf"deployments/(?P<deployment>{_NAME}/{_NAME})")
HIDDEN = "hidden"
"""What an official model's predictions say instead of their version."""


@dataclass(frozen=True, slots=True)
class Route:
    """`path` takes the create, whose body also has `fields`. `described_at` tells of the model, if anything does."""

    path: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    described_at: str | None = None


def route_of(slug: str) -> Route | None:
    """None for what is no name of Replicate's."""
    if found := _DEPLOYMENT.fullmatch(slug):
        return Route(f"/{slug}/predictions", described_at=f"/deployments/{found['deployment']}")
    if found := _MODEL.fullmatch(slug):
        return Route(f"/models/{slug}/predictions", described_at=f"/models/{slug}")
    if found := _VERSION.fullmatch(slug):
        version, model = found["version"], found["model"]
        return Route("/predictions", {"version": version}, model and f"/models/{model}/versions/{version}")
    return None


def released_path(release: Any) -> str | None:
    """Where the version is described that a deployment runs, by its `{"model", "version"}`; None if it names none."""
    names = release if isinstance(release, Mapping) else {}
    found = _VERSION.fullmatch(f"{_text(names.get('model'))}:{_text(names.get('version'))}")
    return found and f"/models/{found['model']}/versions/{found['version']}"


def slugs_of(entry: Mapping[str, Any]) -> list[str]:
    """The names under which a prediction may have been created, the most exact first."""
    model, version, deployment = (_text(entry.get(name)) for name in ("model", "version", "deployment"))
    if deployment:
        return [f"deployments/{deployment}"]
    pinned = [f"{model}:{version}", version] if version and version != HIDDEN else []
    return [slug for slug in (*pinned, model) if slug]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
