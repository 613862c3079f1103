"""A store of every kind, each with what a test has to know beyond the port."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import obstore
from obstore.store import MemoryStore, ObjectStore

from app.outbound.vercel_blob import VercelBlobApi
from app.storage.bucket import Bucket
from app.storage.bucket_calls import BucketCalls
from app.storage.buckets import AzurePlace, S3Place
from app.storage.local import LocalStore
from app.storage.port import BlobStore
from app.storage.spool import Spool
from app.storage.vercel import VercelStore
from tests.storage.moto import RunningMoto
from tests.storage.vercel_stub import BASE, TOKEN, Kept, VercelStub

AZURITE = os.environ.get("AZURITE_URL", "")
"""To try Azure by hand: the address of an Azurite with a container `darkroom`, account included."""
AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Published with Azurite, the same for everybody."""


@dataclass(frozen=True)
class Bench:
    """`names` are those of all objects there are, `spool` is where halves lie, `place` puts something there."""

    store: BlobStore
    spool: Path
    names: Callable[[], list[str]]
    place: Callable[[str], object]
    unfinished: Callable[[], int] = lambda: 0

    def left_behind(self) -> list[str]:
        """Objects, halves on our disk, and uploads in parts that nobody ended."""
        halves = [path.name for path in self.spool.iterdir()] if self.spool.is_dir() else []
        return [*self.names(), *halves, *(["parts"] * self.unfinished())]


@contextmanager
def local(folder: Path, _: RunningMoto) -> Iterator[Bench]:
    root = folder / "blobs"
    (root / ".incoming").mkdir(parents=True)

    def names() -> list[str]:
        return [path.name for path in root.glob("??/*")]

    def place(name: str) -> None:
        (root / name[:2]).mkdir(exist_ok=True)
        (root / name[:2] / name).write_bytes(b"foreign")

    yield Bench(LocalStore(root), root / ".incoming", names, place)


@contextmanager
def memory(folder: Path, _: RunningMoto) -> Iterator[Bench]:
    """obstore's own store in memory, under our Bucket."""
    with _bucket(MemoryStore(), folder) as bench:
        yield bench


@contextmanager
def s3(folder: Path, moto: RunningMoto) -> Iterator[Bench]:
    """A real server, moto. The bucket is also somebody else's."""
    name = moto.new_bucket()
    moto.put(name, "report.pdf", b"somebody else's")
    place = s3_place(moto, name)
    with _bucket(place.open(), folder, signs=place.signs) as bench:
        yield Bench(bench.store, bench.spool, bench.names, bench.place, lambda: moto.unfinished(name))


@contextmanager
def azure(folder: Path, _: RunningMoto) -> Iterator[Bench]:
    """Only by hand, with an Azurite (AZURITE_URL)."""
    place = AzurePlace("darkroom", uuid4().hex, AZURITE.rpartition("/")[2], AZURITE_KEY, AZURITE)
    with _bucket(place.open(), folder, signs=place.signs) as bench:
        yield bench


@contextmanager
def vercel(folder: Path, _: RunningMoto, stub: VercelStub | None = None) -> Iterator[Bench]:
    """A stub, pinned to our reference of the API; nobody's real service."""
    stub = stub or VercelStub()
    stub.keep("report.pdf", b"somebody else's")

    def names() -> list[str]:
        return [name.removeprefix("outputs/") for name in stub.kept if name.startswith("outputs/")]

    def place(name: str) -> Kept:
        return stub.keep(f"outputs/{name}", b"foreign")

    store = vercel_store(stub, folder / "spool")
    yield Bench(store, folder / "spool", names, place, lambda: len(stub.uploads))


KINDS = {each.__name__: each for each in (local, memory, s3, vercel, *((azure,) if AZURITE else ()))}


def s3_place(moto: RunningMoto, bucket: str) -> S3Place:
    return S3Place(bucket, "outputs", moto.url, "us-east-1", True, "key", "secret-of-the-bucket")


def vercel_store(stub: VercelStub, spool: Path) -> VercelStore:
    """Without pauses between tries."""

    async def at_once(_: float) -> None:
        return

    http = httpx.AsyncClient(transport=httpx.ASGITransport(stub))
    api = VercelBlobApi(http, token=TOKEN, base=BASE, access=stub.access, pause=at_once)
    return VercelStore(api, folder="outputs", is_public=stub.access == "public", spool=Spool(spool))


@contextmanager
def _bucket(bucket: ObjectStore, folder: Path, *, signs: bool = False) -> Iterator[Bench]:
    def names() -> list[str]:
        return [each["path"] for page in obstore.list(bucket) for each in page]

    with ExitStack() as stack:
        calls = BucketCalls()
        stack.callback(calls.close)
        store = Bucket(bucket, spool=Spool(folder / "spool"), calls=calls, signs=signs)
        yield Bench(store, folder / "spool", names, lambda name: obstore.put(bucket, name, b"foreign"))
