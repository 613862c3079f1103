"""A door for webhooks that keeps whatever comes."""

import json
import threading
import time
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from tests.emulator.waiting import until


@dataclass(frozen=True)
class Delivery:
    body: bytes
    signature: str
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)
    at: float = field(default_factory=time.monotonic)
    status_answered: int = 200

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def status(self) -> str:
        told = self.json.get("data", self.json)
        return cast(str, told["status"])


class Receiver:
    """Answers 200, or first what `answers` says: statuses, with `headers`; 0 hangs up. While `held` is clear nobody is
    answered."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.answers: list[int] = []
        self.headers: dict[str, str] = {}
        self.held = threading.Event()
        self.held.set()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.receiver = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook?t=token"

    @property
    def statuses(self) -> list[str]:
        return [delivery.status for delivery in self.deliveries]

    async def got(self, count: int) -> list[Delivery]:
        await until(lambda: len(self.deliveries) >= count)
        return self.deliveries

    def close(self) -> None:
        self.held.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    receiver: Receiver
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver = cast(_Server, self.server).receiver
        body = self._body()
        status = receiver.answers.pop(0) if receiver.answers else 200
        receiver.deliveries.append(replace(self._delivery(body), status_answered=status))
        receiver.held.wait()
        if status == 0:
            return
        self.send_response(status)
        for name, value in receiver.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _delivery(self, body: bytes) -> Delivery:
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Delivery(body, headers.get("x-skytells-signature", ""), headers.get("content-type", ""), headers)

    def _body(self) -> bytes:
        if "Content-Length" in self.headers:
            return self.rfile.read(int(self.headers["Content-Length"]))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        return body

    def log_message(self, *args: Any) -> None:
        """Tests are quiet."""
