"""What a model's own JSON Schema says of a field, through references and alternatives.

Read leniently: what is not understood says nothing, and validation has the last word.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

DEEPEST = 6
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """`types` and `choices` of all alternatives together; no choices where any value of the type will do."""

    types: frozenset[str] = frozenset()
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    default: Any = None


def fields_of(schema: Schema) -> Mapping[str, Any]:
    """By name; empty where the schema tells none."""
    known = schema.get("properties")
    return known if isinstance(known, Mapping) else {}


def required_by(schema: Schema) -> frozenset[str]:
    named = schema.get("required")
    return frozenset(each for each in named if isinstance(each, str)) if isinstance(named, list) else frozenset()


def facts_of(schema: Schema, name: str) -> Facts:
    parts = list(_parts(fields_of(schema).get(name), schema))
    choices = [each for part in parts for each in _list(part.get("enum"))]
    return Facts(
        types=frozenset(kind for part in parts for kind in _types(part)),
        choices=tuple(choices),
        minimum=max(_numbers(parts, "minimum"), default=None),
        maximum=min(_numbers(parts, "maximum"), default=None),
        step=max(_numbers(parts, "multipleOf"), default=None),
        default=next((part["default"] for part in parts if "default" in part), None),
    )


def _parts(schema: Any, root: Schema, depth: int = 0) -> Iterator[Schema]:
    """The schema itself, what it refers to, and each of its alternatives."""
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return
    yield schema
    target = schema.get("$ref")
    if isinstance(target, str):
        yield from _parts(_pointed(root, target), root, depth + 1)
    for word in ("allOf", "anyOf", "oneOf"):
        for inner in _list(schema.get(word)):
            yield from _parts(inner, root, depth + 1)


def _pointed(root: Schema, target: str) -> Any:
    """Where a reference within the document leads; None for any other."""
    found: Any = root if target.startswith("#/") else None
    for step in target.removeprefix("#/").split("/"):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _types(part: Schema) -> list[str]:
    told = part.get("type")
    return [each for each in (told if isinstance(told, list) else [told]) if isinstance(each, str)]


def _numbers(parts: list[Schema], word: str) -> list[float]:
    found = [part.get(word) for part in parts]
    return [each for each in found if isinstance(each, int | float) and not isinstance(each, bool)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
