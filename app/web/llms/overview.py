"""`/llms.txt`: a title, a summary, what matters most, and links."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.web.llms.basics import basics

Document = Mapping[str, Any]


def overview(document: Document) -> str:
    info, url = document["info"], document["servers"][0]["url"]
    sections = [_group(document, each["name"]) for each in document["tags"]]
    return "\n".join(
        [f"# {info['title']}\n", f"> {info['description']}\n", basics(url), _documents(url), *filter(None, sections)]
    )


def _documents(url: str) -> str:
    return f"""\
## Documents

- [The whole reference]({url}/llms-full.txt): every operation with its fields, errors and an example, in one file
- [OpenAPI 3.1]({url}/openapi.json): the same for programs, with examples in curl, Python and JavaScript
- [Client module]({url}/client.js): for browsers and Node, without dependencies; its types are \
[client.d.ts]({url}/client.d.ts)
"""


def _group(document: Document, name: str) -> str:
    url, lines = document["servers"][0]["url"], list(_operations(document, name))
    links = [
        f"- [{method} {path}]({url}/docs#{told['operationId']}): {told['summary']}" for method, path, told in lines
    ]
    return f"## {name.capitalize()}\n\n" + "\n".join(links) + "\n" if links else ""


def _operations(document: Document, name: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            if name in told["tags"]:
                yield method.upper(), path, told
