"""Requests that are made beforehand: whole, in order, and believed by whoever checks signatures."""

import json
from pathlib import Path

from app.domain.signatures import is_signed
from scripts.benchmarks.load import requests


def test_a_file_gives_back_the_requests_in_order(tmp_path: Path) -> None:
    made = [requests.get(80, "/one", Authorization="Bearer x"), requests.post(80, "/two", b"{}", {"Prefer": "wait"})]
    assert list(requests.read(requests.write(tmp_path / "file", made))) == made
    assert made[0] == b"GET /one HTTP/1.1\r\nHost: 127.0.0.1:80\r\nAuthorization: Bearer x\r\n\r\n"


def test_a_body_may_hold_anything(tmp_path: Path) -> None:
    body = "00000004 füchse\r\n\r\n".encode()
    (read,) = requests.read(requests.write(tmp_path / "file", [requests.post(80, "/", body, {})]))
    head, _, rest = read.partition(b"\r\n\r\n")
    assert rest == body
    assert b"Content-Length: %d" % len(body) in head


def test_a_delivery_is_signed_as_skytells_signs() -> None:
    raw = requests.signed(80, "/api/webhooks", {"id": "pred_1", "status": "processing"}, "secret")
    head, _, body = raw.partition(b"\r\n\r\n")
    signature = next(line for line in head.decode().splitlines() if line.startswith(requests.HEADER)).split(": ")[1]
    assert json.loads(body)["id"] == "pred_1"
    assert is_signed(body, signature, ["secret"])
    assert not is_signed(body, signature, ["another"])
