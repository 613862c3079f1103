import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.outbound.errors import OutputRejected, OutputUnavailable
from app.outbound.replies import Promise, rest_of_body, retry_after, whole_body

DATE = "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 0 "}, 0),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "9" * 400}, 86_400),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": DATE}, 30),
        ({"retry-after": "Wed, 21 Oct 2026 07:27:30 GMT", "date": DATE}, 0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT"}, None),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 -0000"}, None),
    ],
)
def test_retry_after_is_read_as_seconds(headers: dict[str, str], seconds: float | None) -> None:
    raw = {name: value.encode() for name, value in headers.items()}
    assert retry_after(httpx.Headers(raw)) == seconds  # type: ignore[arg-type]


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_text_in_retry_after_breaks_anything(text: str) -> None:
    seconds = retry_after(httpx.Headers({"retry-after": text.encode(), "date": DATE.encode()}))  # type: ignore[arg-type]
    assert seconds is None or 0 <= seconds <= 86_400


@pytest.mark.parametrize(
    ("headers", "promise"),
    [
        ({"content-length": "12"}, Promise(12, True, None)),
        ({"transfer-encoding": "chunked"}, Promise(None, True, None)),
        ({}, Promise(None, False, None)),
        ({"content-length": "3", "etag": '"a"', "accept-ranges": "bytes"}, Promise(3, True, '"a"')),
        ({"content-length": "3", "etag": 'W/"a"', "accept-ranges": "bytes"}, Promise(3, True, None)),
        ({"content-length": "3", "etag": '"a"'}, Promise(3, True, None)),
        ({"content-length": "3", "etag": '"a"', "accept-ranges": "none"}, Promise(3, True, None)),
    ],
)
def test_the_head_tells_length_framing_and_validator(headers: dict[str, str], promise: Promise) -> None:
    assert whole_body(httpx.Response(200, headers=headers)) == promise


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "identity, gzip", "x"])
def test_an_encoded_body_is_refused(encoding: str) -> None:
    with pytest.raises(OutputRejected, match="encoding"):
        whole_body(httpx.Response(200, headers={"content-encoding": encoding}, stream=httpx.ByteStream(b"")))


@pytest.mark.parametrize(
    ("status", "span", "etag"),
    [
        (200, "bytes 4-9/10", '"a"'),
        (206, "bytes 4-9/10", '"b"'),
        (206, "bytes 3-9/10", '"a"'),
        (206, "bytes 4-8/10", '"a"'),
        (206, "bytes 4-9/*", '"a"'),
        (206, "bytes 4-10/11", '"a"'),
        (206, "", '"a"'),
    ],
)
def test_only_the_exact_rest_of_the_same_body_is_taken(status: int, span: str, etag: str) -> None:
    response = httpx.Response(status, headers={"content-range": span, "etag": etag})
    with pytest.raises(OutputUnavailable, match="changed"):
        rest_of_body(response, 4, Promise(10, True, '"a"'))
    good = httpx.Response(206, headers={"content-range": "bytes 4-9/10", "etag": '"a"'})
    assert rest_of_body(good, 4, Promise(10, True, '"a"')) == 10
