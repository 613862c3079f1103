"""A running web process, as its clients and its operator see it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from scripts.benchmarks.stage.processes import Process

PATIENCE = 120.0
FINAL = ("succeeded", "failed", "canceled")


@dataclass(frozen=True, slots=True)
class Service:
    url: str
    port: int
    process: Process
    folder: Path
    environment: Mapping[str, str] = field(repr=False)

    def key(self, *words: str) -> str:
        """A new one, made by the command."""
        command = [sys.executable, "-c", "from app.cli import main; main()", "keys", "create", "--json", *words]
        made = subprocess.run(command, env=self.environment, cwd=self.folder, capture_output=True, check=True)
        return str(json.loads(made.stdout)["key"])

    @contextmanager
    def client(self, key: str) -> Iterator[httpx.Client]:
        headers = {"authorization": f"Bearer {key}"}
        with httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=PATIENCE) as client:
            yield client


def create(client: httpx.Client, model: str = "truefusion-pro", prompt: str = "a red fox") -> dict[str, Any]:
    body = {"model": model, "input": {"prompt": prompt}}
    return dict(client.post("/api/predictions", json=body).raise_for_status().json())


def until(client: httpx.Client, prediction_id: str, *stages: str) -> dict[str, Any]:
    """The prediction once it is in one of these stages; `done` is the last. Raises RuntimeError if it takes long."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        seen = client.get(f"/api/predictions/{prediction_id}").raise_for_status().json()
        if seen["stage"] in stages:
            return dict(seen)
        time.sleep(0.05)
    raise RuntimeError(f"{prediction_id} is {seen['status']} ({seen['stage']}), not {' or '.join(stages)}")


def make(client: httpx.Client, model: str = "truefusion-pro", prompt: str = "a red fox") -> dict[str, Any]:
    """A prediction that has succeeded."""
    made = until(client, create(client, model, prompt)["id"], "done")
    if made["status"] != "succeeded":
        raise RuntimeError(f"the prediction failed: {made['error']}")
    return made
