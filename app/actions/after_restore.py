"""After a restore the database is older than the world: what it still wants to buy may have been bought since.

So nothing that is owed as a submission is sent. It is looked for at the provider, adopted if it is there, and ends as
`purchase_unknown` if not, which may be re-opened. What waits, runs or is being stored needs nothing: it is asked for
as after any outage.
"""

from dataclasses import dataclass

from app.actions.compare_blobs import TROUBLE, verify_blobs
from app.actions.sweep_orphans import find_orphans
from app.db import retention
from app.db.engine import Database
from app.storage.port import BlobStore


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many submissions will be looked for instead; which recorded files are not whole in the store; how many lie
    there and in no row: most of them were made after the backup."""

    doubted: int
    missing: tuple[str, ...]
    unnamed: int


async def reconcile_restored(database: Database, blobs: BlobStore) -> Reconciled:
    """Before any worker is started. May be repeated."""
    async with database.transaction() as tx:
        doubted = await retention.doubt_submissions(tx)
    found = [each async for each in verify_blobs(database, blobs, hashes=False) if each.found in TROUBLE]
    unnamed = [key async for key in find_orphans(database, blobs, older_than=0)]
    return Reconciled(doubted, tuple(each.file.key for each in found), len(unnamed))
