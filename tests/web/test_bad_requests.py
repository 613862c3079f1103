"""Fields, headers, parameters and paths that do not fit are refused by name, before anything is made."""

from typing import Any

import pytest

from tests.house import House
from tests.web.problems import assert_nothing_made, assert_problem

CREATE, GENERATE = "/api/predictions", "/api/generate"
MODEL = "truefusion-pro"


def create(input_: Any = None, **fields: Any) -> tuple[str, dict[str, Any]]:
    return CREATE, {"model": MODEL, "input": {"prompt": "a fox"} if input_ is None else input_} | fields


def generate(**fields: Any) -> tuple[str, dict[str, Any]]:
    return GENERATE, {"prompt": "a fox"} | fields


INVALID: dict[str, tuple[tuple[str, dict[str, Any]], str]] = {
    "an unknown field at the top": (create(colour="red"), "colour"),
    "no model": ((CREATE, {"input": {"prompt": "x"}}), "model"),
    "no input": ((CREATE, {"model": MODEL}), "input"),
    "a blank model": (create(model="  "), "model"),
    "a model that is a number": (create(model=7), "model"),
    "a model name without end": (create(model="m" * 201), "model"),
    "an input that is a list": (create(input_=["a fox"]), "input"),
    "an input that is a text": (create(input_="a fox"), "input"),
    "metadata that is a list": (create(metadata=[1]), "metadata"),
    "metadata that is null": (create(metadata=None), "metadata"),
    "metadata over 16 kB": (create(metadata={"a": "x" * 16_000}), "metadata"),
    "metadata over 16 kB in bytes": (create(metadata={"a": "é" * 8_000}), "metadata"),
    "a webhook that is an object": (create(webhook={"url": "https://example.com"}), "webhook"),
    "a filter without a webhook": (create(webhook_events_filter=["completed"]), "webhook_events_filter"),
    "an unknown event": (
        create(webhook="https://example.com/", webhook_events_filter=["ended"]),
        "webhook_events_filter.0",
    ),
    "no prompt": (create({"width": 512}), "input.prompt"),
    "an empty prompt": (create({"prompt": ""}), "input.prompt"),
    "a blank prompt": (create({"prompt": " \t\r\n "}), "input.prompt"),
    "a prompt of unicode blanks": (create({"prompt": "\u2003\u3000\u00a0\u2028"}), "input.prompt"),
    "a prompt of 10,001 characters": (create({"prompt": "x" * 10_001}), "input.prompt"),
    "a prompt of 100,000 characters": (create({"prompt": "x" * 100_000}), "input.prompt"),
    "a prompt that is a number": (create({"prompt": 12}), "input.prompt"),
    "a prompt that is null": (create({"prompt": None}), "input.prompt"),
    "a prompt that is a list": (create({"prompt": ["a fox"]}), "input.prompt"),
    "an unknown field of the input": (create({"prompt": "x", "colour": "red"}), "input.colour"),
    "a negative width": (create({"prompt": "x", "width": -512}), "input.width"),
    "no width at all": (create({"prompt": "x", "width": 0}), "input.width"),
    "a huge width": (create({"prompt": "x", "width": 10**18}), "input.width"),
    "a width of 300 digits": (create({"prompt": "x", "width": 10**299}), "input.width"),
    "a broken width": (create({"prompt": "x", "width": 512.5}), "input.width"),
    "a width in words": (create({"prompt": "x", "width": "512"}), "input.width"),
    "a width that is true": (create({"prompt": "x", "width": True}), "input.width"),
    "five pictures": (create({"prompt": "x", "num_outputs": 5}), "input.num_outputs"),
    "an unknown ratio": (create({"prompt": "x", "aspect_ratio": "5:7"}), "input.aspect_ratio"),
    "a form without a prompt": ((GENERATE, {}), "prompt"),
    "a form with an empty prompt": (generate(prompt=""), "input.prompt"),
    "a form with a blank prompt": (generate(prompt="\u3000\u2003"), "input.prompt"),
    "a form with a long prompt": (generate(prompt="x" * 100_000), "input.prompt"),
    "a form with a prompt that is a number": (generate(prompt=3), "prompt"),
    "a form with a prompt that is an object": (generate(prompt={"a": 1}), "prompt"),
    "a form with a width in words": (generate(width="512"), "width"),
    "a form with a broken width": (generate(width=512.5), "width"),
    "a form with a negative height": (generate(height=-1), "input.height"),
    "a form with a huge height": (generate(height=10**200), "input.height"),
    "a form that asks for true pictures": (generate(num_outputs=True), "num_outputs"),
    "a form that asks for no picture": (generate(num_outputs=0), "input.num_outputs"),
    "a form with an unknown field": (generate(colour="red"), "input.colour"),
    "a form with metadata": (generate(metadata={}), "input.metadata"),
}


@pytest.mark.parametrize("name", INVALID)
async def test_what_does_not_fit_is_named(refusing: House, name: str) -> None:
    (path, body), field = INVALID[name]
    answer = await refusing.client.post(path, json=body)
    assert_problem(answer, 422, "invalid_request", field)
    assert len(answer.text) < 3000
    await assert_nothing_made(refusing)


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        (create(model="no-such-model"), "unknown_model", "model"),
        (create(model="../secrets"), "unknown_model", "model"),
        (generate(model="TRUEFUSION-PRO"), "unknown_model", "model"),
        (create(provider="nobody"), "unknown_provider", "provider"),
        (generate(image="https://example.com/a.png"), "operation_unsupported", "input.image"),
    ],
)
async def test_whom_and_what_we_do_not_know(
    refusing: House, asked: tuple[str, dict[str, Any]], code: str, field: str
) -> None:
    path, body = asked
    assert_problem(await refusing.client.post(path, json=body), 422, code, field)
    await assert_nothing_made(refusing)


async def test_a_thousand_faults_are_answered_shortly(refusing: House) -> None:
    path, body = create({"prompt": "x"} | {f"field{number}": number for number in range(1000)})
    document = assert_problem(await refusing.client.post(path, json=body), 422, "invalid_request")
    assert len(document["errors"]) == 20


async def test_an_answer_does_not_repeat_what_was_sent(refusing: House) -> None:
    path, body = create({"prompt": "x", "width": "my private words"})
    answer = await refusing.client.post(path, json=body)
    assert_problem(answer, 422, "invalid_request", "input.width")
    assert "private" not in answer.text


HEADERS = {
    "an empty key": ([("Idempotency-Key", b"")], 400, "invalid_idempotency_key", "Idempotency-Key"),
    "256 signs": ([("Idempotency-Key", b"k" * 256)], 400, "invalid_idempotency_key", "Idempotency-Key"),
    "a key with a space": ([("Idempotency-Key", b"a key")], 400, "invalid_idempotency_key", "Idempotency-Key"),
    "a key in UTF-8": ([("Idempotency-Key", "schlüssel".encode())], 400, "invalid_idempotency_key", "Idempotency-Key"),
    "a key of wild bytes": ([("Idempotency-Key", b"\xff\xfe")], 400, "invalid_idempotency_key", "Idempotency-Key"),
    "two keys": ([("Idempotency-Key", b"a"), ("Idempotency-Key", b"b")], 400, "invalid_header", None),
    "the same key twice": ([("Idempotency-Key", b"a"), ("idempotency-key", b"a")], 400, "invalid_header", None),
    "a wait in words": ([("Prefer", b"wait=soon")], 422, "invalid_request", "Prefer"),
    "a wait that is no number": ([("Prefer", b"wait=nan")], 422, "invalid_request", "Prefer"),
    "a wait without end": ([("Prefer", b"wait=inf")], 422, "invalid_request", "Prefer"),
    "a wait of wild bytes": ([("Prefer", b"wait=\xff")], 422, "invalid_request", "Prefer"),
    "two authorizations": (
        [("Authorization", b"Bearer a"), ("Authorization", b"Bearer b")],
        400,
        "invalid_header",
        None,
    ),
    "two x-api-keys": ([("x-api-key", b"a"), ("x-api-key", b"b")], 400, "invalid_header", None),
    "wild bytes for a key": ([("x-api-key", b"dk_\xff\xfe\xfd\xfc1234_\xff")], 401, "unauthenticated", None),
    "wild bytes as bearer": ([("Authorization", b"Bearer \xff")], 401, "unauthenticated", None),
}


@pytest.mark.parametrize("name", HEADERS)
async def test_headers_are_read_strictly(refusing: House, name: str) -> None:
    headers, status, code, field = HEADERS[name]
    sent = [(header.encode(), value) for header, value in headers]
    answer = await refusing.client.post(CREATE, json=create()[1], headers=sent)
    assert_problem(answer, status, code, field)
    await assert_nothing_made(refusing)


LIST = "/api/predictions"
QUERIES = {
    "colour=red": "colour",
    "limit=0": "limit",
    "limit=101": "limit",
    "limit=-1": "limit",
    "limit=1.0": "limit",
    "limit=": "limit",
    "limit=ten": "limit",
    "limit=%D9%A1": "limit",
    "limit=0000000501": "limit",
    "limit=1&limit=2": "limit",
    "cursor=": "cursor",
    "cursor=abc": "cursor",
    "cursor=%FF%00": "cursor",
    "cursor=AAAAAAAAAAAAAAAAAAAAAAAA": "cursor",
    "cursor=" + "A" * 5000: "cursor",
    "status=": "status",
    "status=done": "status",
    "status=succeeded&status=failed": "status",
    "provider=%00": "provider",
    "model=a%00b": "model",
    "created_after=yesterday": "created_after",
    "created_after=2026-01-01": "created_after",
    "created_after=2026-01-01T00:00:00": "created_after",
    "created_after=0001-01-01T00:00:00%2B23:59": "created_after",
    "created_before=9999-12-31T23:59:59-23:59": "created_before",
    "created_before=2026-13-01T00:00:00Z": "created_before",
    "created_before=": "created_before",
}


@pytest.mark.parametrize("query", QUERIES)
async def test_parameters_of_a_list_are_read_strictly(refusing: House, query: str) -> None:
    answer = await refusing.client.get(f"{LIST}?{query}")
    assert_problem(answer, 422, "invalid_request", QUERIES[query])


IDS = [
    "1",
    "not-an-id",
    "00000000-0000-0000-0000-00000000000",
    "00000000-0000-0000-0000-000000000000",
    "{00000000-0000-0000-0000-000000000000}",
    "urn:uuid:00000000-0000-0000-0000-000000000000",
    "00000000000000000000000000000000",
    "%00",
    "%FF",
    "'; DROP TABLE predictions",
    "x" * 5000,
]


@pytest.mark.parametrize("text", IDS)
async def test_an_id_that_names_nothing_is_not_found(refusing: House, text: str) -> None:
    assert_problem(await refusing.client.get(f"/api/predictions/{text}"), 404, "prediction_not_found")


@pytest.mark.parametrize("wait", ["", "soon", "nan", "inf", "1e3", "1_0", "%D9%A1", "9" * 200])
async def test_a_wait_that_is_no_number_is_refused(refusing: House, wait: str) -> None:
    answer = await refusing.client.get(f"/api/predictions/{IDS[3]}?wait={wait}")
    assert_problem(answer, 422, "invalid_request", "wait")


METHODS = {
    ("DELETE", "/api/predictions"): "GET, HEAD, POST",
    ("PUT", "/api/predictions"): "GET, HEAD, POST",
    ("PATCH", "/api/generate"): "POST",
    ("GET", "/api/generate"): "POST",
    ("GET", "/api/webhooks"): "POST",
    ("GET", "/api/webhooks/skytells"): "POST",
    ("POST", "/api/models"): "GET, HEAD",
    ("POST", "/files/abc"): "GET, HEAD",
    ("POST", "/health"): "GET, HEAD",
    ("DELETE", "/docs"): "GET, HEAD",
}


@pytest.mark.parametrize(("method", "path"), METHODS)
async def test_a_wrong_method_is_told_the_right_ones(refusing: House, method: str, path: str) -> None:
    answer = await refusing.client.request(method, path)
    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == METHODS[method, path]


async def test_options_tell_the_methods(refusing: House) -> None:
    answer = await refusing.client.options("/api/predictions")
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, POST")


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/api", "/api/", "/api/predictions/", "/files", "/files/", "/health/", "/%00", "/api/webhooks/nobody",
     "/files/..%2f..%2fetc%2fpasswd", "/" + "x" * 9000],
)  # fmt: skip
async def test_an_unknown_path_is_a_problem_too(refusing: House, path: str) -> None:
    method = "POST" if "webhooks" in path else "GET"
    answer = await refusing.client.request(method, path)
    assert_problem(answer, 404, "not_found")
    assert len(answer.text) < 1000


@pytest.mark.parametrize("host", ["evil.example", "[", "a b", "evil.example:99999", ""])
async def test_no_answer_is_built_from_a_foreign_host(refusing: House, host: str) -> None:
    for path in ("/api/predictions/", "/nothing", "/docs", "/openapi.json", "/api/predictions/1"):
        answer = await refusing.client.get(path, headers={"host": host})
        assert answer.status_code in (400, 401, 404), (path, answer.text)
        assert "evil.example" not in answer.text + str(answer.headers)
