"""Ten thousand webhooks through a receiver that flaps, while workers are killed: which were lost, which unsigned."""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import loads
from typing import Any, cast

from standardwebhooks import Webhook

from scripts.benchmarks.figures import Figure
from scripts.benchmarks.promises.house import PATIENCE, House, open_house

ENDPOINTS, PREDICTIONS, A_BATCH = 20, 250, 50
TYPES = ("prediction.started", "prediction.succeeded")
EVENTS = ENDPOINTS * PREDICTIONS * len(TYPES)
FLAPPING = EVENTS * 4 // 5
"""So many attempts meet a receiver that flaps; those after them one that is well."""
DOWN, OF = 0.5, 4.0
"""It is down for the first half second of every four, and in trouble now and then."""
TROUBLES = ([200] * 75) + ([500] * 12) + ([503] * 8) + ([0] * 5)
KILLS = 4
"""Of the worker, each after another fifth of the events; `up` gives up where one dies five times in a minute."""
ENDED_WITHIN = 1200.0


@dataclass
class Heard:
    """What came, by endpoint, prediction and type: how often, and whether one was answered 2xx."""

    secrets: dict[str, str] = field(default_factory=dict)
    attempts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    taken: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    unsigned: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        """A status; 0 hangs up."""
        with self.lock:
            told = self._verified(path, body, headers)
            if told is None:
                self.unsigned += 1
                return 200
            event = (path, told["data"]["id"], told["type"])
            self.attempts[event] += 1
            status = self._status()
            if status == 200:
                self.taken[event] += 1
            return status

    def _verified(self, path: str, body: bytes, headers: dict[str, str]) -> dict[str, Any] | None:
        try:
            Webhook(self.secrets[path]).verify(body, headers, json_parse=False)
        except Exception:  # whatever it raises, it does not verify
            return None
        return cast(dict[str, Any], loads(body))

    def _status(self) -> int:
        if self.attempts.total() > FLAPPING:
            return 200
        return 0 if time.monotonic() % OF < DOWN else self.chance.choice(TROUBLES)


def measure() -> list[Figure]:
    heard = Heard()
    with _receiver(heard) as port, open_house(**_SETTINGS) as house:
        for number in range(ENDPOINTS):
            path = f"/{number}"
            url = f"http://127.0.0.1:{port}{path}"
            made = house.client.post("/api/webhook-endpoints", json={"url": url}).raise_for_status().json()
            heard.secrets[path] = made["secret"]
        began = time.monotonic()
        killing = threading.Thread(target=_kill, args=(house, heard), daemon=True)
        killing.start()
        ids = [prediction_id for _ in range(PREDICTIONS // A_BATCH) for prediction_id in _batch(house)]
        expected = {(path, each, event) for path in heard.secrets for each in ids for event in TYPES}
        _until_all(heard, expected)
        seconds = time.monotonic() - began
    return _figures(heard, expected, seconds)


_SETTINGS = {
    "EMULATOR_ART": "plain",
    "EMULATOR_DURATION": "0.2",
    "RATE_LIMIT_BATCH": "off",
    "WORKER_LEASE_SECONDS": "5",
}


def _figures(heard: Heard, expected: set[tuple[str, str, str]], seconds: float) -> list[Figure]:
    lost = len(expected - set(heard.taken))
    twice = sum(count > 1 for count in heard.taken.values())
    spread = (
        f"n={len(expected)}, {heard.attempts.total()} attempts, {twice} taken twice, {KILLS} kills, {seconds:.0f} s"
    )
    return [
        Figure("outbound webhooks lost", lost, 0, "of them", spread),
        Figure("outbound webhooks unsigned", heard.unsigned, 0, "of them", spread),
    ]


def _batch(house: House) -> Sequence[str]:
    order = {"model": "truefusion-pro", "input": {"prompt": "a red fox"}}
    body = {"predictions": [order] * A_BATCH}
    made = house.client.post("/api/batches", json=body).raise_for_status().json()
    ids = [each["id"] for each in made["predictions"]]
    for each in ids:
        end = time.monotonic() + PATIENCE
        while (now := house.client.get(f"/api/predictions/{each}?wait=60").json())["status"] != "succeeded":
            if now["status"] in ("failed", "canceled") or time.monotonic() > end:
                raise RuntimeError(f"the prediction did not succeed: {now}")
    return ids


def _kill(house: House, heard: Heard) -> None:
    for number in range(1, KILLS + 1):
        while len(heard.taken) < EVENTS * number // (KILLS + 1):
            time.sleep(0.05)
        os.kill(house.child("worker"), signal.SIGKILL)


def _until_all(heard: Heard, expected: set[tuple[str, str, str]]) -> None:
    end = time.monotonic() + ENDED_WITHIN
    while expected - set(heard.taken) and time.monotonic() < end:
        time.sleep(1)


@contextmanager
def _receiver(heard: Heard) -> Iterator[int]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.heard = heard
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    heard: Heard
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """A killed worker cuts its connections."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status = cast(_Server, self.server).heard.answer(self.path, body, headers)
        if not status:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """The table says it all."""
