"""A prediction as it is sent: made once, for all who ask until it changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.domain.prediction import Prediction
from app.web.views import Views

POLL_AGAIN_SECONDS = 1
NEVER_CACHED = "private, no-cache"
OVERHEAD = 2_000
"""Bytes that an entry takes beside its body, measured with `tracemalloc`."""

RawHeaders = list[tuple[bytes, bytes]]
Render = Callable[[Prediction], "Rendered"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """`whole` and `unchanged` are the headers of a 200 and of a 304, without those that differ from request to
    request."""

    owner: str
    client_token: str = field(repr=False)
    version: int
    is_final: bool
    body: bytes = field(repr=False)
    whole: RawHeaders = field(repr=False)
    unchanged: RawHeaders = field(repr=False)

    @property
    def etag(self) -> str:
        return etag_of(self.version)

    @property
    def size(self) -> int:
        return len(self.body) + OVERHEAD


def renderer(views: Views, always: Mapping[str, str]) -> Render:
    """`always` are the headers of every answer."""

    def render(prediction: Prediction) -> Rendered:
        body = views.prediction(prediction).model_dump_json(exclude={"client_token"}).encode()
        headers = {**always, **read_headers(prediction.version, is_final=prediction.status.is_final)}
        described = {"content-type": "application/json", "content-length": str(len(body))}
        return Rendered(
            prediction.owner,
            prediction.client_token,
            prediction.version,
            prediction.status.is_final,
            body,
            raw({**described, **headers}),
            raw(headers),
        )

    return render


def etag_of(version: int) -> str:
    return f'"{version}"'


def read_headers(version: int, *, is_final: bool) -> dict[str, str]:
    headers = {"ETag": etag_of(version), "Cache-Control": NEVER_CACHED}
    if not is_final:
        headers["Retry-After"] = str(POLL_AGAIN_SECONDS)
    return headers


def raw(headers: Mapping[str, str]) -> RawHeaders:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
