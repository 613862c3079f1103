"""The page: an introduction that can be pasted into a terminal, then every operation."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.web.docs.html import Html, code, joined, prose, table, tag
from app.web.docs.languages import chooser, examples
from app.web.docs.shapes import Shapes, about

STYLE = Path(__file__).with_name("style.css").read_text()
KEY = "dk_…"

Document = Mapping[str, Any]
Operation = Mapping[str, Any]


def written(document: Document, model: str) -> str:
    groups = _grouped(document)
    shapes = Shapes(document["components"]["schemas"])
    main = tag(
        "main", _introduction(document, model), *(_group(document, name, groups[name], shapes) for name in groups)
    )
    head = joined(
        Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<meta name="color-scheme" content="light dark">'),
        tag("title", f"{document['info']['title']} · API"),
        tag("style", Html(STYLE)),
    )
    body = tag("body", tag("div", _contents(document, groups), main, class_="frame"))
    return "<!doctype html>" + tag("html", tag("head", head), body, lang="en")


def _grouped(document: Document) -> dict[str, list[tuple[str, str, Operation]]]:
    """By tag, in the order of the document's own list."""
    groups: dict[str, list[tuple[str, str, Operation]]] = {each["name"]: [] for each in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]].append((method, path, operation))
    return {name: found for name, found in groups.items() if found}


def _contents(document: Document, groups: Mapping[str, list[tuple[str, str, Operation]]]) -> Html:
    lists = [
        joined(
            tag("a", name, href=f"#{name}", class_="group"),
            tag("ul", *(tag("li", _link(method, operation)) for method, _, operation in found)),
        )
        for name, found in groups.items()
    ]
    brand = tag("a", document["info"]["title"], href="#top", class_="brand")
    return tag("nav", brand, chooser(), *lists)


def _link(method: str, operation: Operation) -> Html:
    return tag("a", _badge(method), tag("span", operation["summary"]), href=f"#{operation['operationId']}")


def _badge(method: str) -> Html:
    return tag("b", method.upper(), class_=f"method {method}")


def _introduction(document: Document, model: str) -> Html:
    info, url = document["info"], document["servers"][0]["url"]
    steps = [
        ("Create a prediction. The answer comes at once, with the prediction's id.", _curl_create(url, model)),
        ("Ask until it has ended; `wait` holds the answer until there is one.", _curl_read(url)),
        ("Fetch what it made, from the address in `output`.", f"curl -O {url}/files/KEY"),
    ]
    return tag(
        "header",
        tag("h1", info["title"], tag("small", info["version"])),
        tag("p", info["description"], class_="lead"),
        tag("ol", *(tag("li", tag("p", prose(text)), code(line)) for text, line in steps), class_="steps"),
        tag("p", prose(_KEYS)),
        tag("p", prose(_ERRORS)),
        tag(
            "p",
            "The same for programs: ",
            tag("a", "openapi.json", href="/openapi.json"),
            "; for language models: ",
            tag("a", "llms.txt", href="/llms.txt"),
            ", ",
            tag("a", "llms-full.txt", href="/llms-full.txt"),
            ".",
        ),
        id="top",
    )


_KEYS = (
    "Operations marked “key” take a key as `Authorization: Bearer dk_…` or `x-api-key: dk_…`. `darkroom keys create` "
    "makes one; on a developer's own machine none is needed."
)
_ERRORS = (
    "Errors are RFC 9457 problem documents, `application/problem+json`. Their `code` is stable and meant for programs, "
    "`detail` is for people, `errors` names the fields, and `request_id` finds the request in our log."
)


def _curl_create(url: str, model: str) -> str:
    body = json.dumps({"model": model, "input": {"prompt": "a red fox"}})
    return (
        f"curl {url}/api/predictions \\\n  -H 'Authorization: Bearer {KEY}' \\\n"
        f"  -H 'Content-Type: application/json' \\\n  -d '{body}'"
    )


def _curl_read(url: str) -> str:
    return f"curl '{url}/api/predictions/ID?wait=60' \\\n  -H 'Authorization: Bearer {KEY}'"


def _group(document: Document, name: str, found: list[tuple[str, str, Operation]], shapes: Shapes) -> Html:
    said = next(each["description"] for each in document["tags"] if each["name"] == name)
    operations = [_operation(method, path, operation, shapes) for method, path, operation in found]
    return tag("section", tag("h2", name.capitalize()), tag("p", prose(said)), *operations, id=name)


def _operation(method: str, path: str, operation: Operation, shapes: Shapes) -> Html:
    access = tag("i", "key", class_="access", title="A key is needed") if operation["security"] else Html("")
    return tag(
        "article",
        tag("h3", _badge(method), tag("code", path), access),
        tag("p", tag("strong", operation["summary"])),
        tag("p", prose(operation["description"])) if "description" in operation else "",
        examples(operation),
        _parameters(operation),
        _body(operation, shapes),
        _answers(operation, shapes),
        _problems(operation),
        id=operation["operationId"],
    )


def _parameters(operation: Operation) -> Html:
    rows = [
        (_name(each["name"], required=each["required"]), each["in"], prose(about({**each["schema"], **each})))
        for each in operation["parameters"]
    ]
    return joined(tag("h4", "Parameters"), table(("Name", "In", "Meaning"), rows)) if rows else Html("")


def _name(name: str, *, required: bool, depth: int = 0) -> Html:
    mark = tag("i", "required", class_="required") if required else Html("")
    return tag("span", tag("code", name), mark, class_=f"depth depth{depth}")


def _body(operation: Operation, shapes: Shapes) -> Html:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    if schema is None:
        return Html("")
    if not shapes.resolved(schema).get("properties"):
        return joined(tag("h4", "Body"), tag("p", "The provider's own JSON, signed over its bytes as they are."))
    return joined(tag("h4", "Body"), _example(schema, shapes), _fields(schema, shapes, required=True))


def _answers(operation: Operation, shapes: Shapes) -> Html:
    said = [(status, each) for status, each in operation["responses"].items() if "x-codes" not in each]
    lines = [tag("p", tag("b", status, class_="status"), " ", prose(each["description"])) for status, each in said]
    schemas = [kind["schema"] for _, each in said for kind in each.get("content", {}).values()]
    shape = next((schema for schema in schemas if schema), None)
    if shape is None:
        return joined(tag("h4", "Answer"), *lines)
    looks = joined(_example(shape, shapes), _fields(shape, shapes, required=False))
    return joined(tag("h4", "Answer"), *lines, tag("details", tag("summary", "What it looks like"), looks))


def _example(schema: Mapping[str, Any], shapes: Shapes) -> Html:
    example = shapes.example(schema)
    return Html("") if example is None else code(json.dumps(example, indent=2, ensure_ascii=False))


def _fields(schema: Mapping[str, Any], shapes: Shapes, *, required: bool) -> Html:
    rows = [
        (_name(each.name, required=required and each.required, depth=each.depth), each.kind, prose(each.about))
        for each in shapes.fields(schema)
    ]
    return table(("Field", "Is", "Meaning"), rows)


def _problems(operation: Operation) -> Html:
    said = [(status, each) for status, each in operation["responses"].items() if "x-codes" in each]
    rows = [
        (tag("b", status, class_="status"), joined(*map(_code, each["x-codes"])), prose(each["description"]))
        for status, each in said
    ]
    return joined(tag("h4", "Errors"), table(("Status", "Code", "Meaning"), rows)) if rows else Html("")


def _code(code: str) -> Html:
    return joined(tag("code", code), " ")
