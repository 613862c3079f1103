"""Replicate's API on a real socket, as strict as the published one: an unknown field or a plain callback is 422."""

import json
import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, quote, urlsplit

from tests.providers.replicate.samples import KEY, VERSION, model_object, openapi, prediction_object

START = datetime(2026, 11, 1, 10, tzinfo=UTC)
PER_PAGE = 100
FIELDS = {"version", "input", "webhook", "webhook_events_filter", "stream"}
EVENTS = {"start", "output", "logs", "completed"}
DURATION = re.compile(r"(?=.)(\d+h)?(\d+m)?(\d+s?)?")
CREATES = re.compile(r"/v1(/models/(?P<model>[^/]+/[^/]+)|/deployments/(?P<deployment>[^/]+/[^/]+))?/predictions")
ONE = re.compile(r"/v1/predictions/(?P<id>[^/]+)(?P<cancel>/cancel)?")
MODEL = re.compile(r"/v1/models/(?P<model>[^/]+/[^/]+)(/versions/(?P<version>[0-9a-f]{64}))?")
DEPLOYMENT = re.compile(r"/v1/deployments/(?P<deployment>[^/]+/[^/]+)")

Answer = tuple[int, Any]


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Behaviour:
    """`drops_replies`: a create is taken and its connection cut. `limited`: every call is."""

    drops_replies: bool = False
    limited: bool = False
    echoes_webhooks: bool = True
    models: set[str] = field(default_factory=lambda: {"acme/painter", "black-forest-labs/flux-schnell"})


class ReplicateServer:
    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.predictions: dict[str, dict[str, Any]] = {}
        self.behaviour = Behaviour()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.api = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def add(self, **fields: Any) -> dict[str, Any]:
        """A prediction a second after the one before."""
        number = len(self.predictions)
        created_at = (START + timedelta(seconds=number)).isoformat().replace("+00:00", ".000000Z")
        unfinished: dict[str, Any] = {
            "status": "starting",
            "output": None,
            "metrics": {},
            "started_at": None,
            "completed_at": None,
        }
        entry = prediction_object(id=f"p{number:025}", created_at=created_at, **unfinished) | fields
        self.predictions[entry["id"]] = entry
        return entry

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            return 401, {"title": "Unauthenticated", "detail": "You did not pass a valid token.", "status": 401}
        if self.behaviour.limited:
            return 429, {
                "detail": "Request was throttled. Your rate limit resets in ~7s.",
                "status": 429,
                "retry_after": 7,
            }
        path = urlsplit(asked.path).path
        if asked.method == "POST" and (found := CREATES.fullmatch(path)):
            return self._created(asked, found)
        if found := ONE.fullmatch(path):
            return self._one(asked, found)
        return self._read(asked, path) if asked.method == "GET" else _not_found()

    def _created(self, asked: Asked, found: re.Match[str]) -> Answer:
        given = asked.json
        faults = sorted(given.keys() - FIELDS)
        faults += [] if isinstance(given.get("input"), dict) else ["input"]
        faults += [] if given.get("webhook", "https://").startswith("https://") else ["webhook"]
        faults += [] if set(given.get("webhook_events_filter", ())) <= EVENTS else ["webhook_events_filter"]
        faults += [] if DURATION.fullmatch(asked.headers.get("cancel-after", "5")) else ["cancel-after"]
        faults += (
            [] if ("version" in given) == (found["model"] is None and found["deployment"] is None) else ["version"]
        )
        if faults:
            invalid = [{"type": "required", "field": name, "description": "…"} for name in faults]
            return 422, {"title": "Input validation failed", "detail": "- …", "status": 422, "invalid_fields": invalid}
        if found["model"] and found["model"] not in self.behaviour.models:
            return _not_found()
        named = {"model": found["model"] or "acme/painter", "version": given.get("version", "hidden")}
        echoed = {name: given[name] for name in ("webhook", "webhook_events_filter") if name in given}
        deployed = {"deployment": found["deployment"]} if found["deployment"] else {}
        return 201, self.add(
            input=given["input"], **named, **deployed, **(echoed if self.behaviour.echoes_webhooks else {})
        )

    def _one(self, asked: Asked, found: re.Match[str]) -> Answer:
        entry = self.predictions.get(found["id"])
        if entry is None or (asked.method == "POST") != bool(found["cancel"]):
            return _not_found()
        if found["cancel"]:
            entry["status"] = "canceled"
        return 200, entry

    def _read(self, asked: Asked, path: str) -> Answer:
        if path == "/v1/account":
            return 200, {"type": "organization", "username": "acme", "name": "Acme", "github_url": "…"}
        if path == "/v1/predictions":
            return 200, self._page(parse_qs(urlsplit(asked.path).query))
        if found := DEPLOYMENT.fullmatch(path):
            return 200, {"owner": "acme", "current_release": {"model": "acme/painter", "version": VERSION}}
        found = MODEL.fullmatch(path)
        if found is None or found["model"] not in self.behaviour.models:
            return _not_found()
        if found["version"]:
            return 200, {"id": found["version"], "cog_version": "0.9", "openapi_schema": openapi()}
        return 200, model_object(found["model"])

    def _page(self, query: dict[str, list[str]]) -> dict[str, Any]:
        """Newest first; the cursor carries everything, signs that need escaping too."""
        first = {"at": 0, "after": query.get("created_after", ["0001-01-01T00:00:00Z"])[0]}
        position: dict[str, Any] = json.loads(query["cursor"][0]) if "cursor" in query else first
        after = datetime.fromisoformat(position["after"])
        newest_first = reversed(self.predictions.values())
        entries = [each for each in newest_first if datetime.fromisoformat(each["created_at"]) >= after]
        rest = position["at"] + PER_PAGE
        cursor = quote(json.dumps(position | {"at": rest}), safe="")
        following = f"{self.base}/predictions?cursor={cursor}" if rest < len(entries) else None
        return {"previous": None, "next": following, "results": entries[position["at"] : rest]}


def _not_found() -> Answer:
    return 404, {"detail": "The requested resource could not be found.", "status": 404}


class _Server(ThreadingHTTPServer):
    api: ReplicateServer
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        api = cast(_Server, self.server).api
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        status, data = api.answer(Asked(self.command, self.path, headers, body))
        if status == 201 and api.behaviour.drops_replies:
            self.close_connection = True
            return
        written = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json" if status < 400 else "application/problem+json")
        self.send_header("content-length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)

    def log_message(self, *args: Any) -> None:
        """Tests are quiet."""
