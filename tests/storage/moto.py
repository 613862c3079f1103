"""moto's S3 as a process of its own on loopback: a real server's answers to what obstore really sends."""

import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import obstore
from obstore.store import S3Store
from pydantic import SecretStr

from tests.ports import free_port

PATIENCE = 60.0
_numbers = count(random.randrange(10**6))


@dataclass
class RunningMoto:
    process: subprocess.Popen[bytes]
    url: str

    def new_bucket(self) -> str:
        return self.make_bucket(f"darkroom-{next(_numbers)}")

    def make_bucket(self, name: str) -> str:
        httpx.put(f"{self.url}/{name}", trust_env=False).raise_for_status()
        return name

    def remove_bucket(self, name: str) -> None:
        self.remove(name, *self.names(name))
        httpx.delete(f"{self.url}/{name}", trust_env=False).raise_for_status()

    def remove(self, bucket: str, *names: str) -> None:
        obstore.delete(self._opened(bucket), names)

    def names(self, bucket: str) -> list[str]:
        """Every object, by its whole name."""
        found = httpx.get(f"{self.url}/{bucket}?list-type=2", trust_env=False).text
        return [part.partition("</Key>")[0] for part in found.split("<Key>")[1:]]

    def unfinished(self, bucket: str) -> int:
        """How many uploads in parts are neither completed nor aborted."""
        return httpx.get(f"{self.url}/{bucket}?uploads", trust_env=False).text.count("<UploadId>")

    def put(self, bucket: str, name: str, content: bytes) -> None:
        obstore.put(self._opened(bucket), name, content)

    def _opened(self, bucket: str) -> S3Store:
        keys = {"access_key_id": "key", "secret_access_key": "secret", "endpoint": self.url, "region": "us-east-1"}
        return S3Store(bucket, config=keys, client_options={"allow_http": True})  # type: ignore[arg-type]

    def settings(self, bucket: str) -> dict[str, Any]:
        """What makes a house keep its outputs here."""
        return {
            "storage": "s3",
            "s3_bucket": bucket,
            "s3_endpoint": self.url,
            "s3_region": "us-east-1",
            "s3_access_key_id": SecretStr("key"),
            "s3_secret_access_key": SecretStr("secret-of-the-bucket"),
        }

    def ask_for_credentials(self) -> None:
        """From now on; it knows none."""
        httpx.post(f"{self.url}/moto-api/reset-auth", content=b"0", trust_env=False).raise_for_status()

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(5)


def start_moto(folder: Path, port: int | None = None) -> RunningMoto:
    port = port or free_port()
    with (folder / "moto.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log
        )
    running = RunningMoto(process, f"http://127.0.0.1:{port}")
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            httpx.get(f"{running.url}/moto-api/", trust_env=False, timeout=PATIENCE)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return running
    running.stop()
    raise RuntimeError(f"moto did not start:\n{(folder / 'moto.log').read_text()}")
