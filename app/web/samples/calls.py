"""What a sample sends: the examples of an operation's parameters and body, put together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlencode

Document = Mapping[str, Any]
Operation = Mapping[str, Any]
Kind = Literal["json", "text", "file", "events", "endless"]
NOBODY = "00000000-0000-7000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Call:
    """`body` is None where none is sent. `upload` names the part that carries the file. `signature` is the header that
    proves the body, `secret` the variable that has the secret. `answers` is what comes: `endless` are events without a
    last one."""

    method: str
    url: str
    headers: Mapping[str, str]
    needs_key: bool
    answers: Kind
    body: Any = None
    upload: str = ""
    signature: str = ""
    secret: str = ""


def call_of(document: Document, path: str, method: str) -> Call:
    operation = document["paths"][path][method]
    given = _given(operation)
    headers = {name: text for (place, name), text in given.items() if place == "header"}
    signed = operation.get("x-signature", {})
    return Call(
        method=method.upper(),
        url=document["servers"][0]["url"] + _filled(path, given),
        headers={name: text for name, text in headers.items() if name != signed.get("header")},
        needs_key=bool(operation["security"]),
        answers=_kind(operation),
        body=_body(document, operation),
        upload=_upload(operation),
        signature=signed.get("header", ""),
        secret=signed.get("secret", ""),
    )


def _given(operation: Operation) -> dict[tuple[str, str], str]:
    """By place and name, the parameters that have to be there or that have an example."""
    known = [each for each in operation.get("parameters", ()) if each["required"] or "example" in each]
    given = {(each["in"], each["name"]): str(_example(each)) for each in known}
    if ("header", "Idempotency-Key") in given:  # one key with two bodies is refused, and samples are tried side by side
        given["header", "Idempotency-Key"] = f"{operation['operationId']}-1"
    return given


def _example(parameter: Mapping[str, Any]) -> Any:
    usual = NOBODY if parameter["schema"].get("format") == "uuid" else parameter["name"].upper()
    return parameter.get("example", usual)


def _filled(path: str, given: Mapping[tuple[str, str], str]) -> str:
    for (place, name), text in given.items():
        if place == "path":
            path = path.replace(f"{{{name}}}", quote(text))
    query = urlencode({name: text for (place, name), text in given.items() if place == "query"}, safe=":/")
    return f"{path}?{query}" if query else path


def _body(document: Document, operation: Operation) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    if "example" in content:
        return content["example"]
    schema = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    return next(iter(schema.get("examples", ())), {})


def _upload(operation: Operation) -> str:
    form = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data", {}).get("schema", {})
    return next((name for name, part in form.get("properties", {}).items() if part.get("format") == "binary"), "")


def _kind(operation: Operation) -> Kind:
    answers = operation["responses"]
    content = next(answer.get("content", {}) for status, answer in answers.items() if status.startswith("2"))
    if "text/event-stream" in content:
        return "events" if "204" in answers else "endless"
    if "application/json" in content:
        return "json"
    return "text" if any(kind.startswith("text/") for kind in content) else "file"
