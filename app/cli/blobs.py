"""`darkroom blobs`: move stored files between stores, and prove that all are there.

obstore's own coroutines could abort a process that ends right after them; `app.storage.bucket_calls` does without, so
nothing here has to pause before it exits.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Annotated

import typer

from app.actions.compare_blobs import Compared, verify_blobs
from app.actions.copy_blobs import copy_blobs
from app.bootstrap import open_database
from app.cli.file_progress import Summary, followed, show
from app.cli.terminal import AsJson, print_json, run, tool_settings
from app.db.engine import Database
from app.refusals import UnsafeSettings
from app.refusals.blobs import refusals_of_store
from app.settings import Settings, StoreKind
from app.storage.port import BlobStore
from app.stores import open_blobs

app = typer.Typer(help="Stored files: copy them to another store, verify that all are there.", no_args_is_help=True)
Hash = Annotated[bool, typer.Option("--hash", help="Read every byte and compare SHA-256, not sizes alone.")]
To = Annotated[StoreKind, typer.Option(help="Where to. Its settings are read as if STORAGE named it.")]
From = Annotated[StoreKind | None, typer.Option("--from", help="Where from; else STORAGE.")]
Store = Annotated[StoreKind | None, typer.Option("--store", help="Which store; else STORAGE.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be copied, and copy nothing.")]


@app.command()
def copy(
    to: To, *, source: From = None, dry_run: DryRun = False, hashes: Hash = False, as_json: AsJson = False
) -> None:
    """Copy every recorded file into another store.

    Each is read to its end and must have its recorded SHA-256 before it appears there. What is there already, as large
    as recorded (with --hash: the same to the byte), is skipped, so that a copy that was interrupted goes on where it
    was. Nothing is removed from where it came.

    To move a running service: copy; set STORAGE to the new store and restart; then copy once more with --from the old
    one, for what was stored meanwhile.

    Exits with 1 if a file is missing, is damaged, or could not be reached.
    """
    settings = tool_settings()
    old, new = _at(settings, source or settings.store), _at(settings, to)
    if old.store == new.store:
        raise typer.BadParameter(f"the files would come from {to} too; name another store with --from")

    async def work() -> Summary:
        async with AsyncExitStack() as stack:
            database = await _database(settings, stack)
            here, there = await _opened(old, stack), await _opened(new, stack)
            every = copy_blobs(database, here, there, hashes=hashes, dry_run=dry_run)
            return await _followed(database, every, as_json)

    _end(run(work()), as_json)


@app.command()
def verify(store: Store = None, *, hashes: Hash = False, as_json: AsJson = False) -> None:
    """Check that every recorded file is in the store, as large as recorded; with --hash, the same to the byte.

    Exits with 1 if one is missing, is damaged, or could not be reached.
    """
    settings = tool_settings()
    looked_at = _at(settings, store or settings.store)

    async def work() -> Summary:
        async with AsyncExitStack() as stack:
            database = await _database(settings, stack)
            every = verify_blobs(database, await _opened(looked_at, stack), hashes=hashes)
            return await _followed(database, every, as_json)

    _end(run(work()), as_json)


def _at(settings: Settings, store: StoreKind) -> Settings:
    """The settings as if STORAGE were that store. Raises UnsafeSettings if something is missing for it."""
    there = settings.model_copy(update={"storage": store})
    if refusals := refusals_of_store(there):
        raise UnsafeSettings(refusals)
    return there


async def _database(settings: Settings, stack: AsyncExitStack) -> Database:
    database = open_database(settings)
    stack.push_async_callback(database.close)
    return database


async def _opened(settings: Settings, stack: AsyncExitStack) -> BlobStore:
    """Raises StorageUnavailable: a store that is away would look like one where everything is missing."""
    store = await stack.enter_async_context(open_blobs(settings))
    await store.prepare()
    await store.probe()
    return store


async def _followed(database: Database, every: AsyncIterator[Compared], as_json: bool) -> Summary:
    return await followed(database, every, quiet=as_json)


def _end(summary: Summary, as_json: bool) -> None:
    if as_json:
        print_json(summary.as_json())
    else:
        show(summary)
    if summary.trouble:
        raise typer.Exit(1)
