"""A model's JSON Schema within the OpenAPI document that cog writes: `components.schemas.Input` and `Output`.

Ours refer to places within themselves; within the document those are elsewhere. An output is a list of addresses, as we
show it, whatever the model's maker would have shown.
"""

from collections.abc import Mapping
from typing import Any

SHAPES = "#/components/schemas/"
OUTPUT = {"title": "Output", "type": "array", "items": {"type": "string", "format": "uri"}}
"""Without cog's mark of an iterator, upon which PyPI 1.0.7 would hand out a generator."""


def openapi_schema(input_schema: Mapping[str, Any]) -> dict[str, Any]:
    inner = {name: value for name, value in input_schema.items() if name != "components"}
    shapes = input_schema.get("components", {}).get("schemas", {})
    given = {"title": "Input", "type": "object", **inner}
    return {
        "openapi": "3.0.2",
        "info": {"title": "Cog", "version": "0.1.0"},
        "paths": {},
        "components": {"schemas": {**_moved(shapes), "Input": _moved(given), "Output": OUTPUT}},
    }


def _moved(value: Any) -> Any:
    if isinstance(value, list):
        return [_moved(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    moved = {name: _moved(each) for name, each in value.items()}
    target = moved.get("$ref")
    if isinstance(target, str) and target.startswith("#") and not target.startswith(SHAPES):
        moved["$ref"] = f"{SHAPES}Input{target[1:]}"
    return moved
