"""The OpenAPI document is valid, complete and true."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.routing import Route

from app.web.application import routes
from app.web.errors import status_of_code
from app.web.openapi import TAGS, document
from app.web.operations import OPERATIONS
from tests.house import House

URL = "https://darkroom.example"
ADMIN = ("/metrics", "/api/deliveries", "/api/health", "/api/dev")
BOUNDED = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def operations(found: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


async def test_it_is_served_and_valid(standing: House) -> None:
    answer = await standing.client.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(answer.json()).validate()


def test_it_names_every_route_and_no_other() -> None:
    known = [route for route in routes() if isinstance(route, Route) and route.include_in_schema]
    ours = {(method, route.path_format) for route in known for method in route.methods or ()}
    told = {(method, path) for method, path, _ in operations(document(URL))}
    assert told == {(method, path) for method, path in ours if method != "HEAD"}


def test_its_links_are_under_our_address() -> None:
    assert document(URL)["servers"] == [{"url": URL}]


def test_every_operation_is_explained() -> None:
    for method, path, operation in operations(document(URL)):
        assert operation["summary"] and operation["operationId"], (method, path)
        assert set(operation["tags"]) <= set(TAGS)
        assert all(parameter["description"] for parameter in operation["parameters"])
    assert len({operation.id for operation in OPERATIONS}) == len(OPERATIONS)


def test_every_problem_that_it_tells_of_exists() -> None:
    for operation in OPERATIONS:
        assert all(status_of_code(code) >= 400 for code in operation.problems)
        assert operation.open or {"unauthenticated", "forbidden_scope"} <= set(operation.problems)


def test_every_operation_names_the_scope_that_it_needs() -> None:
    for method, path, operation in operations(document(URL)):
        scope = "admin" if path.startswith(ADMIN) else "read" if method == "GET" else "create"
        assert operation["security"] in ([], [{"bearer": [scope]}, {"apiKey": [scope]}]), (method, path)


def test_every_answer_of_a_limited_operation_tells_how_much_is_left() -> None:
    found = document(URL)
    for path in (
        "/api/predictions",
        "/api/generate",
        "/api/img2img",
        "/api/predictions/{id}/variations",
        "/api/batches",
    ):
        answers = found["paths"][path]["post"]["responses"]
        assert "rate_limited" in answers["429"]["x-codes"]
        for status in ("201", "422", "429", "503"):
            assert set(answers[status]["headers"]) == {"RateLimit", "RateLimit-Policy", "Retry-After"}, (path, status)
        assert "headers" not in answers["403"]


async def test_what_strangers_send_is_answered_as_told(standing: House) -> None:
    """Schemathesis makes requests from the document, good and bad ones, the same in every run."""
    await standing.create()
    base = f"http://127.0.0.1:{standing.settings.port}"
    await asyncio.to_thread(_try_everything, document(base), base)


def _try_everything(found: dict[str, Any], base: str) -> None:
    schema = schemathesis.openapi.from_dict(found)
    schema.config.update(base_url=base)
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if operation.path == "/api/live":  # which has no end
            continue
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
            _try(operation, mode)


def _try(operation: Any, mode: schemathesis.GenerationMode) -> None:
    """At most twenty requests; some operations take nothing that could be wrong."""
    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
    told = checks[1:] if operation.path == "/health/ready" else checks  # a 503 is one of its answers

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def attempt(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(checks=told, timeout=10)

    with suppress(Unsatisfiable):
        attempt()
