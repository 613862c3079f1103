"""A child that is told how to behave by a file of words in the stage folder: `{role}.does`.

It writes each of its starts to `{role}.pids`, and its environment to `{role}.env`.

    exit=N       ends at once with that code          once        … but only the first time
    deaf         ignores SIGTERM                      parent      leaves a grandchild running in its group
    chatty       talks without end                    unready     is alive, but not ready
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

STAGE = Path(os.environ["STAGE"])
PREDICTION = {"id": "p1", "status": "starting", "stage": "queued", "output": None, "error": None}
PORT_NAMES = {"web": "PORT", "emulator": "EMULATOR_PORT"}


def main(role: str) -> None:
    words = read(STAGE / f"{role}.does").split()
    if "deaf" in words:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    starts = note_start(role)
    say(f"{role} begins with {words}")
    if "parent" in words:
        grandchild = subprocess.Popen(["sleep", "600"])
        with (STAGE / "grandchild.pids").open("a") as file:
            file.write(f"{grandchild.pid}\n")
    for word in words:
        if word.startswith("exit=") and not ("once" in words and starts > 1):
            say(f"{role} has its reasons")
            sys.exit(int(word.removeprefix("exit=")))
    if "chatty" in words:
        for number in range(200_000):
            say(f"{role} says {number}")
        (STAGE / "all-said").touch()
    if role == "migrate":
        return
    if role in PORT_NAMES:
        ThreadingHTTPServer(("127.0.0.1", int(os.environ[PORT_NAMES[role]])), Handler).serve_forever()
    while True:
        time.sleep(1)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def read(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def note_start(role: str) -> int:
    with (STAGE / f"{role}.pids").open("a") as file:
        file.write(f"{os.getpid()}\n")
    (STAGE / f"{role}.env").write_text(json.dumps(dict(os.environ)))
    return len(read(STAGE / f"{role}.pids").split())


class Handler(BaseHTTPRequestHandler):
    """Health, and predictions that end as the words of `demo.does` say."""

    def do_GET(self) -> None:
        if self.path in ("/health/ready", "/_health"):
            is_ready = "unready" not in read(STAGE / "web.does")
            self.answer(200 if is_ready else 503, {"status": "ready" if is_ready else "disk full"})
        elif self.path.startswith("/api/predictions/p1"):
            self.answer(200, self.finished())
        else:
            self.answer(404, {"code": "not_found", "detail": self.path})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        (STAGE / "asked.json").write_text(json.dumps({"body": json.loads(body), "headers": dict(self.headers)}))
        words = read(STAGE / "demo.does").split()
        if "locked" in words and "authorization" not in self.headers:
            self.answer(401, {"code": "unauthorized", "detail": "no key"})
        elif "refused" in words:
            self.answer(422, {"code": "content_refused", "detail": "not this one"})
        else:
            self.answer(201, dict(PREDICTION))

    def finished(self) -> Mapping[str, object]:
        words = read(STAGE / "demo.does").split()
        if "slow" in words:
            return PREDICTION | {"stage": "running", "status": "processing"}
        if "failing" in words:
            error = {"code": "content_filtered", "message": "the provider refused it"}
            return PREDICTION | {"status": "failed", "stage": "done", "error": error}
        return PREDICTION | {"status": "succeeded", "stage": "done", "output": ["http://x/ä.png"]}

    def answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *words: object) -> None:
        pass


if __name__ == "__main__":
    main(sys.argv[1])
