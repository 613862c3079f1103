"""Two rounds, one with each release's worker."""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.embedded.postgres import EmbeddedPostgres
from scripts.faultrun.builds import Build, NoSuchRef, make_build
from scripts.faultrun.ports import free_ports

ROOT = Path(__file__).parents[2]
KEY, SECRET = "sk-upgrade", "whsec-upgrade"
PREDICTIONS, PATIENCE_SECONDS = 20, 60
DARKROOM = (sys.executable, "-c", "from app.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a round happens: one folder, one database, one emulator."""

    folder: Path
    database_url: str
    emulator_port: int

    def environment(self, build: Build, port: int) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            **build.environment,
            "DATABASE_URL": self.database_url,
            "DARKROOM_DATA": str(self.folder / "data"),
            "PORT": str(port),
            "APP_URL": f"http://127.0.0.1:{port}",
            "SKYTELLS_BASE_URL": f"http://127.0.0.1:{self.emulator_port}/v1",
            "SKYTELLS_API_KEY": KEY,
            "SKYTELLS_WEBHOOK_SECRET": SECRET,
            "SKYTELLS_OUTPUT_HOSTS": "127.0.0.1",
            "OUTBOUND_ALLOW_NETS": "127.0.0.0/8",
            "RATE_LIMIT_GENERATE": "off",
        }

    @contextmanager
    def running(self, command: Sequence[str], environment: dict[str, str]) -> Iterator[None]:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)

    def run(self, build: Build, *words: str) -> None:
        subprocess.run([*DARKROOM, *words], cwd=self.folder, env=self.environment(build, 8000), check=True)


@asynccontextmanager
async def stand() -> AsyncIterator[Stand]:
    with tempfile.TemporaryDirectory(prefix="darkroom-upgrade-") as folder, ExitStack() as stack:
        server = EmbeddedPostgres(Path(folder) / "data")
        await server.start()
        (port,) = free_ports(1)
        found = Stand(Path(folder), server.url, port)
        environment = {
            "PATH": os.environ["PATH"],
            "EMULATOR_PORT": str(port),
            "DARKROOM_DATA": str(found.folder / "emulator"),
            "EMULATOR_API_KEY": KEY,
            "EMULATOR_WEBHOOK_SECRET": SECRET,
            "EMULATOR_SIGNING_KEY": "secret",
            "EMULATOR_ART": "plain",
            "EMULATOR_DURATION": "0.5",
            "PYTHONPATH": str(ROOT),
        }
        stack.enter_context(found.running([sys.executable, "-m", "scripts.emulator"], environment))
        try:
            yield found
        finally:
            stack.close()
            await server.stop()


async def one_round(place: Stand, web: Build, worker: Build) -> None:
    """Raises AssertionError with what went wrong."""
    (port,) = free_ports(1)
    with (
        place.running([*DARKROOM, "web"], place.environment(web, port)),
        place.running([*DARKROOM, "worker"], place.environment(worker, port)),
    ):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=70) as client:
            await _ready(client)
            await asyncio.gather(*(_stored(client, number) for number in range(PREDICTIONS)))


async def _stored(client: httpx.AsyncClient, number: int) -> None:
    body = {"model": "truefusion-pro", "input": {"prompt": f"fox {number}"}}
    created = (await client.post("/api/predictions", json=body)).json()
    final = (await client.get(f"/api/predictions/{created['id']}?wait={PATIENCE_SECONDS}")).json()
    assert final["status"] == "succeeded", final
    assert (await client.get(final["output"][0])).status_code == 200
    assert final["cost"]["captured"] is not None, final["cost"]


async def _ready(client: httpx.AsyncClient) -> None:
    for _ in range(PATIENCE_SECONDS * 5):
        try:
            if (await client.get("/health/ready")).status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.2)
    raise AssertionError("the web was never ready")


async def sold(place: Stand) -> int:
    async with httpx.AsyncClient(trust_env=False) as client:
        return len((await client.get(f"http://127.0.0.1:{place.emulator_port}/_ledger")).json())


async def rehearse(ref: str) -> None:
    async with stand() as place:
        new = make_build(ROOT, place.folder / "new")
        old = make_build(ROOT, place.folder / "old", ref=ref)
        place.run(new, "migrate")
        rounds = {
            f"{new.commit}'s web, {old.commit}'s worker": (new, old),
            f"{old.commit}'s web, {new.commit}'s worker": (old, new),
        }
        for number, (name, (web, worker)) in enumerate(rounds.items(), 1):
            await one_round(place, web, worker)
            assert await sold(place) == number * PREDICTIONS, "something was bought twice"
            print(f"{name}: {PREDICTIONS} of {PREDICTIONS} stored, each bought once")
        place.run(new, "costs", "--check")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="./scripts.rehearsal", description="Two releases side by side on one database."
    )
    parser.add_argument("ref", help="the older release: a commit or tag")
    try:
        asyncio.run(rehearse(parser.parse_args().ref))
    except (AssertionError, NoSuchRef) as wrong:
        sys.exit(str(wrong))


if __name__ == "__main__":
    main()
