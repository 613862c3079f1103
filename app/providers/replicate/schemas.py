"""A version's OpenAPI document as the JSON Schema of its inputs.

Cog writes `components.schemas.Input`, which refers to shapes beside it (`#/components/schemas/aspect_ratio`). Those
that are needed come along in their old place, so that the references still lead there. OpenAPI 3.0's `nullable`
becomes a type of its own, as JSON Schema has it.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

SHAPES = "#/components/schemas/"


def input_schema(document: Any) -> Mapping[str, Any]:
    """Empty where there is none, or none that can be kept and judged by: the provider will judge the input itself."""
    shapes = _mapping(_mapping(_mapping(document).get("components")).get("schemas"))
    try:
        schema = _judgeable(shapes.get("Input"))
        beside = {name: _judgeable(shapes[name]) for name in sorted(_needed(shapes))}
        if beside:
            schema["components"] = {"schemas": beside}
        kept = json.dumps(schema, ensure_ascii=False, allow_nan=False).encode()
    except (SchemaError, ValueError, RecursionError):
        return {}
    return {} if rb"\u0000" in kept else schema


def _judgeable(shape: Any) -> dict[str, Any]:
    """Raises ValueError or SchemaError for what is no schema."""
    if not isinstance(shape, Mapping):
        raise ValueError("no schema")
    schema: dict[str, Any] = _translated(shape)
    Draft202012Validator.check_schema(schema)
    return schema


def _needed(shapes: Mapping[str, Any]) -> set[str]:
    """The names of the shapes to which Input refers, at once or by others."""
    needed: set[str] = set()
    waiting = ["Input"]
    while waiting:
        found = {name for name in _references(shapes[waiting.pop()]) if name in shapes} - needed
        needed |= found
        waiting += found
    return needed


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        target = value.get("$ref")
        if isinstance(target, str) and target.startswith(SHAPES):
            yield target.removeprefix(SHAPES).partition("/")[0]
        value = list(value.values())
    for inner in value if isinstance(value, list) else []:
        yield from _references(inner)


def _translated(value: Any) -> Any:
    if isinstance(value, list):
        return [_translated(inner) for inner in value]
    if not isinstance(value, Mapping):
        return value
    schema = {name: _translated(inner) for name, inner in value.items() if (name, inner) != ("nullable", True)}
    return _with_null(schema) if value.get("nullable") is True else schema


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return schema | {"type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]} | {
        name: schema[name] for name in ("default", "title") if name in schema
    }


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
