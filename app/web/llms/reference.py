"""`/llms-full.txt`: every operation, and every shape once."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.web.docs.shapes import Shapes, about
from app.web.llms.basics import basics
from app.web.samples import FIELD

Document = Mapping[str, Any]
Operation = Mapping[str, Any]
EXAMPLE = "curl"
EVERYWHERE = {
    "a key is needed": ("invalid_header", "unauthenticated", "forbidden_scope", "unavailable"),
    "something is changed": ("foreign_origin",),
    "a body or a parameter is sent": (
        "invalid_json",
        "invalid_text",
        "body_too_slow",
        "body_too_large",
        "unsupported_media_type",
        "invalid_request",
    ),
}
"""Codes that are told once, by what they belong to."""
TOLD = {code for codes in EVERYWHERE.values() for code in codes}


def reference(document: Document) -> str:
    info, shapes = document["info"], Shapes(document["components"]["schemas"])
    return "\n".join(
        [
            f"# {info['title']} {info['version']}: API reference\n",
            f"> {info['description']}\n",
            basics(document["servers"][0]["url"]),
            "## Errors everywhere\n",
            *(f"- where {where}: {_listed(codes)}" for where, codes in EVERYWHERE.items()),
            "",
            *(part for each in document["tags"] for part in _group(document, each, shapes)),
            "## Shapes\n",
            "`?` marks what may be missing.\n",
            *(_shape(name, schema, shapes) for name, schema in document["components"]["schemas"].items()),
        ]
    )


def _group(document: Document, told: Mapping[str, str], shapes: Shapes) -> Iterator[str]:
    yield f"## {told['name'].capitalize()}\n\n{told['description']}\n"
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if told["name"] in operation["tags"]:
                yield _operation(method, path, operation, shapes)


def _operation(method: str, path: str, operation: Operation, shapes: Shapes) -> str:
    return "\n".join(
        [
            f"### {method.upper()} {path}\n",
            " ".join(filter(None, [f"{operation['summary']}.", operation.get("description")])) + "\n",
            *_parameters(operation, shapes),
            *_body(operation),
            *_answers(operation),
            *_errors(operation),
            *_example(operation),
        ]
    )


def _parameters(operation: Operation, shapes: Shapes) -> Iterator[str]:
    for each in operation["parameters"]:
        mark = "" if each["required"] else "?"
        kind = f"{shapes.kind(each['schema'])} — " if "enum" in each["schema"] else ""
        yield f"- {each['in']} `{each['name']}{mark}`: {kind}{about({**each['schema'], **each})}"


def _body(operation: Operation) -> Iterator[str]:
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"- body: {_named(content['schema'])}{'' if kind == 'application/json' else f' as {kind}'}"


def _answers(operation: Operation) -> Iterator[str]:
    for status, answer in operation["responses"].items():
        if "x-codes" not in answer:
            kinds = answer.get("content", {})
            shape = " or ".join(dict.fromkeys(_named(each["schema"]) or kind for kind, each in kinds.items()))
            yield f"- {status}: {answer['description']}{f' → {shape}' if shape else ''}"


def _named(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]  # type: ignore[no-any-return]
    fields = ", ".join(f"`{name}`" for name in schema.get("properties", ()))
    return f"an object of {fields}" if fields else "an object" if schema else ""


def _errors(operation: Operation) -> Iterator[str]:
    """Its own codes by status, in one line."""
    own = {
        status: [code for code in answer.get("x-codes", ()) if code not in TOLD]
        for status, answer in operation["responses"].items()
    }
    told = [f"{status} {_listed(codes)}" for status, codes in own.items() if codes]
    if told:
        yield f"- errors: {'; '.join(told)}"


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(f"`{code}`" for code in codes)


def _example(operation: Operation) -> Iterator[str]:
    for each in operation[FIELD]:
        if each["label"] == EXAMPLE:
            yield f"\n```bash\n{each['source']}\n```\n"


def _shape(name: str, schema: Mapping[str, Any], shapes: Shapes) -> str:
    said = " ".join(str(schema.get("description", "")).split())
    return "\n".join([f"### {name}\n", *([f"{said}\n"] if said else []), *_fields(schema, shapes), ""])


def _fields(schema: Mapping[str, Any], shapes: Shapes) -> Iterator[str]:
    required = schema.get("required", ())
    for name, told in schema.get("properties", {}).items():
        mark = "" if name in required else "?"
        yield f"- `{name}{mark}`: {' — '.join(filter(None, [_kind(told, shapes), about(shapes.resolved(told))]))}"
    if "properties" not in schema:
        yield f"{_kind(schema, shapes).capitalize()}."


def _kind(schema: Mapping[str, Any], shapes: Shapes) -> str:
    """By the name of its shape where it has one."""
    if "$ref" in schema:
        return _named(schema)
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(each, shapes) for each in schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}), shapes)}"
    return shapes.kind(schema)
