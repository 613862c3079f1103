"""What the image runs in: a Postgres, the emulator, a volume, and the read-only root of compose.yaml's service."""

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml  # type: ignore[import-untyped]

from app.embedded import EmbeddedPostgres
from app.embedded.cluster import PORT as POSTGRES_PORT
from app.embedded.cluster import socket_folder
from app.embedded.lifeline import die_with_parent
from scripts.cleanroom.build import Image
from scripts.cleanroom.container import Root
from scripts.cleanroom.namespaces import bind, in_memory, mounted

CLONE = Path(__file__).parents[2]
COMPOSE = CLONE / "scripts/deploy/compose.yaml"
KEY, SECRET = "sk-cleanroom", "whsec-cleanroom"
EMULATOR = "http://127.0.0.1:8001"
DATABASE_URL = f"postgresql://darkroom@/darkroom?host=/mnt&port={POSTGRES_PORT}"
PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Service:
    """A service of compose.yaml, as far as it concerns one container."""

    environment: dict[str, str]
    tmpfs: list[str]
    volume: str
    grace_seconds: float
    memory_mib: int

    @classmethod
    def read(cls, name: str) -> "Service":
        found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"][name]
        if not found["read_only"] or found["cap_drop"] != ["ALL"]:
            raise ValueError(f"{name} of compose.yaml is not as strict as it is tried here")
        (volume,) = found["volumes"]
        return cls(
            environment=found["environment"],
            tmpfs=found["tmpfs"],
            volume=volume.partition(":")[2],
            grace_seconds=float(found["stop_grace_period"].removesuffix("s")),
            memory_mib=int(found["deploy"]["resources"]["limits"]["memory"].removesuffix("M")),
        )

    @property
    def production(self) -> dict[str, str]:
        """As compose.yaml has it. Nothing is bought: there is no way out of here."""
        ours = {"APP_URL": "https://darkroom.example.com", "DATABASE_URL": DATABASE_URL}
        keys = {"SKYTELLS_API_KEY": KEY, "SKYTELLS_WEBHOOK_SECRET": SECRET}
        return self.environment | ours | keys

    @property
    def buying(self) -> dict[str, str]:
        """The same, from the emulator, which production would refuse; and it sends its files itself."""
        return self.production | {
            "ENVIRONMENT": "test",
            "APP_URL": "http://127.0.0.1:8000",
            "SKYTELLS_BASE_URL": f"{EMULATOR}/v1",
            "SKYTELLS_OUTPUT_HOSTS": "127.0.0.1",
            "OUTBOUND_ALLOW_NETS": "127.0.0.0/8",
            "ACCEL_REDIRECT_PREFIX": "",
        }


@contextmanager
def root_of(image: Image, base: Path, service: Service, folder: Path, sockets: Path) -> Iterator[Root]:
    """Its layers, which nobody can write to, with the memory and the volume that compose.yaml gives it."""
    volume = folder / "volume"
    with mounted(folder / "served", [image.layer, base]) as path:
        _fill(volume, path / service.volume.lstrip("/"))
        for place in service.tmpfs:
            in_memory(path / place.lstrip("/"))
        in_memory(path / "dev/shm")
        bind(volume, path / service.volume.lstrip("/"), writable=True)
        bind(sockets, path / "mnt")
        yield Root(path, image.environment, image.workdir, image.account)


def _fill(volume: Path, original: Path) -> None:
    """A new volume begins as the image's folder, owner and all."""
    shutil.copytree(original, volume, symlinks=True)
    owner = original.stat()
    os.chown(volume, owner.st_uid, owner.st_gid)


@asynccontextmanager
async def postgres(data: Path) -> AsyncIterator[Path]:
    """The folder of its socket, which anybody may use: the folder above is ours alone."""
    server = EmbeddedPostgres(data, settings={"unix_socket_permissions": "0777"})
    await server.start()
    try:
        sockets = socket_folder(data)
        sockets.chmod(0o711)
        yield sockets
    finally:
        await server.stop()


@asynccontextmanager
async def emulator(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The stranger, with a client for its control doors."""
    own = {"EMULATOR_PORT": "8001", "DARKROOM_DATA": str(folder), "EMULATOR_DURATION": "0.5"}
    secrets = {"EMULATOR_API_KEY": KEY, "EMULATOR_WEBHOOK_SECRET": SECRET, "EMULATOR_SIGNING_KEY": "secret"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scripts.emulator"),
        cwd=CLONE,
        env={"PATH": os.environ["PATH"], **own, **secrets},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    try:
        async with httpx.AsyncClient(base_url=EMULATOR, trust_env=False) as client:
            await _until_it_answers(client)
            yield client
    finally:
        process.terminate()
        await process.wait()


async def _until_it_answers(client: httpx.AsyncClient) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            await client.get("/_ledger")
            return
        except httpx.TransportError:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.1)
