"""JSON Schema in words: what a value is, and the fields within it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
DEEPEST = 4
FORMATS = {"uuid": "UUID", "date-time": "time, RFC 3339", "binary": "bytes"}


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: str
    about: str
    required: bool
    depth: int


@dataclass(frozen=True, slots=True)
class Shapes:
    """Reads schemas of one document, whose references it follows."""

    schemas: Mapping[str, Schema]

    def resolved(self, schema: Schema) -> Schema:
        """Through references, and through `or null`."""
        if "$ref" in schema:
            return self.resolved(self.schemas[schema["$ref"].rpartition("/")[2]])
        some = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
        return self.resolved({**some[0], **_said(schema)}) if len(some) == 1 else schema

    def kind(self, schema: Schema) -> str:
        """Such as `text or null`, `list of objects`, `"start" or "completed"`."""
        if "$ref" in schema:
            return self.kind(self.resolved(schema))
        if "anyOf" in schema:
            return " or ".join(dict.fromkeys(self.kind(each) for each in schema["anyOf"]))
        if "const" in schema:
            return json.dumps(schema["const"])
        if "enum" in schema:
            return " | ".join(json.dumps(each) for each in schema["enum"])
        if schema.get("type") == "array":
            return f"list of {self.kind(schema.get('items', {}))}"
        return FORMATS.get(schema.get("format", ""), _WORDS.get(schema.get("type", ""), "any JSON"))

    def fields(self, schema: Schema, depth: int = 0) -> Iterator[Field]:
        """Of an object, those of objects within right below."""
        found = self.resolved(schema)
        if found.get("type") == "array":
            found = self.resolved(found.get("items", {}))
        for name, inner in found.get("properties", {}).items():
            yield Field(name, self.kind(inner), about(self.resolved(inner)), name in found.get("required", ()), depth)
            if depth < DEEPEST:
                yield from self.fields(inner, depth + 1)

    def example(self, schema: Schema) -> Any:
        examples = self.resolved(schema).get("examples", ())
        return examples[0] if examples else None


_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
    "null": "null",
}


def about(schema: Schema) -> str:
    """Its description, bounds and default."""
    said = " ".join(str(schema.get("description", "")).split())
    rest = [text for text in (_bounds(schema, "minimum", "maximum", ""), _lengths(schema), _default(schema)) if text]
    return " ".join([said, *(f"{text}." for text in rest)]).strip()


def _lengths(schema: Schema) -> str:
    return _bounds(schema, "minLength", "maxLength", " characters")


def _bounds(schema: Schema, least: str, most: str, unit: str) -> str:
    low, high = schema.get(least), schema.get(most)
    if low is not None and high is not None:
        return f"{low}–{high}{unit}"
    return f"≤ {high}{unit}" if high is not None else f"≥ {low}{unit}" if low is not None else ""


def _default(schema: Schema) -> str:
    """Of what can be said in a word."""
    value = schema.get("default")
    is_word = isinstance(value, int | float | str) and not isinstance(value, bool) and " " not in str(value)
    return f"Default {value}" if is_word and value != "" and "const" not in schema else ""


def _said(schema: Schema) -> dict[str, Any]:
    return {name: schema[name] for name in ("description", "default") if name in schema}
