"""Files of raw requests, each before it its length in eight digits. Whoever sends them need not sign or format."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

HEADER = "X-Skytells-Signature"
DIGITS = 8


def get(port: int, path: str, **headers: str) -> bytes:
    return _request("GET", port, path, headers)


def post(port: int, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    return _request("POST", port, path, {"Content-Type": "application/json", **headers}, body)


def signed(port: int, path: str, delivery: Mapping[str, Any], secret: str) -> bytes:
    """A delivery as Skytells posts it."""
    body, signature = delivery_of(delivery, secret)
    return post(port, path, body, {HEADER: signature})


def delivery_of(event: Mapping[str, Any], secret: str) -> tuple[bytes, str]:
    """Its body and its signature."""
    body = json.dumps(event, separators=(",", ":")).encode()
    return body, hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def write(path: Path, requests: Iterable[bytes]) -> Path:
    with path.open("wb") as file:
        for request in requests:
            file.write(b"%0*d" % (DIGITS, len(request)))
            file.write(request)
    return path


def read(path: Path) -> Iterator[bytes]:
    content, at = path.read_bytes(), 0
    while at < len(content):
        start = at + DIGITS
        at = start + int(content[at:start])
        yield content[start:at]


def _request(method: str, port: int, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *(f"{name}: {headers[name]}" for name in headers)]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body
