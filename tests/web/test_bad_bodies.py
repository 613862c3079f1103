"""Bodies that are no good JSON are refused before anything is made."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.web.errors import RequestProblem
from app.web.strict_json import parse_json
from tests.house import House
from tests.web.problems import assert_nothing_made, assert_problem

JSON = {"content-type": "application/json"}
GOOD = b'{"model": "truefusion-pro", "input": {"prompt": "a red fox"}}'
PATHS = ("/api/predictions", "/api/generate")


def nested(levels: int) -> bytes:
    """`levels` containers within each other, the body itself being the first."""
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


UNUSABLE = {
    "empty": b"",
    "blank": b"  \n ",
    "malformed": b'{"model": ',
    "trailing comma": b'{"model": "x",}',
    "single quotes": b"{'model': 'x'}",
    "two documents": b"{} {}",
    "not UTF-8": b'{"prompt": "\xff\xfe"}',
    "UTF-16": '{"prompt": "x"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a surrogate in bytes": b'{"prompt": "\xed\xa0\x80"}',
    "a raw control character": b'{"prompt": "a\x01b"}',
    "a key twice": b'{"prompt": "a", "prompt": "b"}',
    "a nested key twice": b'{"model": "truefusion-pro", "input": {"prompt": "a", "prompt": "a"}}',
    "a key twice in an array": b'{"metadata": {"a": [{"b": 1, "b": 2}]}}',
    "a key twice, once escaped": b'{"prompt": "a", "\\u0070rompt": "b"}',
    "NaN": b'{"prompt": "x", "seed": NaN}',
    "Infinity": b'{"prompt": "x", "seed": Infinity}',
    "-Infinity": b'{"prompt": "x", "seed": -Infinity}',
    "1e999": b'{"prompt": "x", "seed": 1e999}',
    "5,000 digits": b'{"prompt": "x", "seed": ' + b"1" * 5000 + b"}",
    "400 digits": b'{"prompt": "x", "seed": ' + b"1" * 400 + b"}",
    "65 levels": nested(65),
    "100 levels": nested(100),
    "100,000 levels": nested(100_000),
    "65 levels of arrays": b'{"a":' + b"[" * 64 + b"]" * 64 + b"}",
    "400,000 open brackets": b"[" * 400_000,
    "an array": b"[1, 2]",
    "a string": b'"prompt"',
    "a number": b"12",
    "null": b"null",
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", UNUSABLE)
async def test_a_body_that_is_no_json_object_is_refused(refusing: House, path: str, name: str) -> None:
    answer = await refusing.client.post(path, content=UNUSABLE[name], headers=JSON)
    assert_problem(answer, 400, "invalid_json")
    await assert_nothing_made(refusing)


UNSTORABLE = {
    "a NUL in the prompt": ('{"prompt": "a\\u0000b"}', "prompt"),
    "a lone high surrogate": ('{"prompt": "a\\ud800b"}', "prompt"),
    "a lone low surrogate": ('{"prompt": "\\uDFFF"}', "prompt"),
    "surrogates in the wrong order": ('{"prompt": "\\udc00\\ud83d"}', "prompt"),
    "a NUL in a key": ('{"prompt": "x", "a\\u0000": 1}', "body"),
    "a surrogate in a key": ('{"metadata": {"\\ud800": 1}}', "metadata"),
    "a NUL in the input": ('{"model": "truefusion-pro", "input": {"prompt": "\\u0000"}}', "input.prompt"),
    "a NUL deep in the metadata": ('{"metadata": {"a": [0, {"b": "\\u0000"}]}}', "metadata.a.1.b"),
    "a surrogate in the model": ('{"model": "\\udead", "input": {}}', "model"),
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", UNSTORABLE)
async def test_text_that_cannot_be_stored_is_refused_where_it_stands(refusing: House, path: str, name: str) -> None:
    body, field = UNSTORABLE[name]
    answer = await refusing.client.post(path, content=body, headers=JSON)
    assert_problem(answer, 400, "invalid_text", field)
    await assert_nothing_made(refusing)


CONTENT_TYPES = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/problem+json",
    "application/json; charset=latin-1",
    "application/json; charset=utf-16",
    "application/json, application/json",
    "json",
    "",
]


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
async def test_only_json_in_utf8_is_read(refusing: House, content_type: str) -> None:
    answer = await refusing.client.post("/api/predictions", content=GOOD, headers={"content-type": content_type})
    assert_problem(answer, 415, "unsupported_media_type")
    await assert_nothing_made(refusing)


async def test_a_body_without_a_content_type_is_not_guessed_at(refusing: House) -> None:
    assert_problem(await refusing.client.post("/api/predictions", content=GOOD), 415, "unsupported_media_type")
    await assert_nothing_made(refusing)


async def test_a_content_type_given_twice_is_refused(refusing: House) -> None:
    twice = [("content-type", "application/json"), ("content-type", "text/plain")]
    assert_problem(await refusing.client.post("/api/predictions", content=GOOD, headers=twice), 400, "invalid_header")
    await assert_nothing_made(refusing)


async def test_a_compressed_body_is_not_unpacked(refusing: House) -> None:
    headers = JSON | {"content-encoding": "gzip"}
    answer = await refusing.client.post("/api/predictions", content=GOOD, headers=headers)
    assert_problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json;charset=UTF-8", 'Application/JSON; charset="utf-8"'])
async def test_utf8_may_be_said(front: House, content_type: str) -> None:
    answer = await front.client.post("/api/predictions", content=GOOD, headers={"content-type": content_type})
    assert answer.status_code == 201


@pytest.mark.parametrize("path", PATHS)
async def test_two_megabytes_are_refused_by_their_announcement(refusing: House, path: str) -> None:
    body = b'{"prompt": "' + b"x" * 2_000_000 + b'"}'
    answer = await refusing.client.post(path, content=body, headers=JSON)
    assert_problem(answer, 413, "body_too_large")
    assert answer.headers["connection"] == "close"
    await assert_nothing_made(refusing)


@pytest.mark.parametrize("path", PATHS)
async def test_two_megabytes_in_chunks_are_refused(refusing: House, path: str) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"prompt": "'
        for _ in range(200):
            yield b"x" * 10_000

    answer = await refusing.client.post(path, content=chunks(), headers=JSON)
    assert_problem(answer, 413, "body_too_large")
    await assert_nothing_made(refusing)


async def test_a_body_of_one_megabyte_is_read_to_its_end(refusing: House) -> None:
    room = 1_000_000 - len(b'{"prompt": ""}')
    answer = await refusing.client.post("/api/generate", content=b'{"prompt": "%s"}' % (b"x" * room), headers=JSON)
    assert_problem(answer, 422, "invalid_request", "input.prompt")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
some_bodies = st.fixed_dictionaries(
    {"model": json_values | st.just("truefusion-pro"), "input": json_values},
    optional={"metadata": json_values, "webhook": json_values, "provider": json_values, "prompt": json_values},
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200) | (json_values | some_bodies).map(lambda value: json.dumps(value).encode()))
async def test_no_body_breaks_the_door(refusing: House, body: bytes) -> None:
    for path in PATHS:
        answer = await refusing.client.post(path, content=body, headers=JSON)
        assert answer.status_code < 500, answer.text


@settings(max_examples=300, deadline=None, derandomize=True)
@given(value=json_values)
def test_what_is_read_is_what_was_written_or_is_refused(value: object) -> None:
    try:
        assert parse_json(json.dumps(value).encode()) == value
    except RequestProblem as problem:
        assert problem.code in ("invalid_json", "invalid_text")


@settings(max_examples=300, deadline=None, derandomize=True)
@given(body=st.binary(max_size=60) | st.text(st.sampled_from('{}[]",:\\u0d8e1.-tfn '), max_size=40).map(str.encode))
def test_any_bytes_are_json_or_a_problem(body: bytes) -> None:
    try:
        parse_json(body)
    except RequestProblem as problem:
        assert problem.code in ("invalid_json", "invalid_text")


def test_64_levels_are_read() -> None:
    assert parse_json(nested(64))


def test_an_escaped_backslash_before_u0000_is_harmless() -> None:
    assert parse_json(rb'{"a": "\\u0000", "b": "\ud83e\udd8a"}') == {"a": "\\u0000", "b": "🦊"}


async def test_a_body_as_wide_as_allowed_holds_nobody_up(refusing: House) -> None:
    """A million bytes of the smallest values, and somebody who asks for something small meanwhile, again and again."""
    body = b'{"prompt": "\\u0000", "a": [' + b"[]," * 330_000 + b"[]]}"
    wide = asyncio.create_task(refusing.client.post("/api/generate", content=body, headers=JSON))
    answered = 0
    while not wide.done():
        assert (await refusing.client.get("/health")).status_code == 200
        answered += 1
    assert answered >= 4
    assert_problem(wide.result(), 400, "invalid_text")
