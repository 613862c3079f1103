"""Many deliveries kept in one statement and one commit: each once, those of deleted predictions not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.db.engine import Database
from app.db.inbox import Delivery


@dataclass(frozen=True, slots=True)
class Taken:
    """`received_at` None: it is here already, `is_copy`, or is of a deleted prediction. `is_known`: a prediction has
    this provider's id."""

    received_at: datetime | None
    is_copy: bool
    is_known: bool


async def keep_all(database: Database, given: Sequence[Delivery]) -> list[Taken]:
    """In their order; no two may be the same. Durable when it returns. Copies and orphans are counted (`inbox.judge`).

    One that another process keeps at this very moment is waited for, and then is neither new nor found here: as a copy
    it is seen by a statement of its own (`inbox.count_copy`).
    """
    columns = ([getattr(each, name) for each in given] for name in _COLUMNS)
    found = {row["id"]: row for row in await database.fetch(_KEEP_ALL, *columns)}
    rows = [found[each.id] for each in given]
    return [Taken(row["received_at"], row["is_copy"], row["is_known"]) for row in rows]


_COLUMNS = ("id", "provider", "identity", "provider_id", "body")
_KEEP_ALL = """
WITH given AS MATERIALIZED (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[], $5::bytea[])
        AS each (id, provider, identity, provider_id, body)
), fresh AS (
    INSERT INTO deliveries (id, provider, identity, provider_id, body)
    SELECT * FROM given WHERE NOT EXISTS (
        SELECT 1 FROM tombstones t WHERE t.provider = given.provider AND t.provider_id = given.provider_id
    )
    ORDER BY identity
    ON CONFLICT DO NOTHING
    RETURNING id, received_at
), told AS MATERIALIZED (
    SELECT pg_notify('darkroom_deliveries', string_agg(id::text, ',' ORDER BY id)) FROM fresh HAVING count(*) > 0
), copies AS (
    UPDATE deliveries d SET copies = d.copies + 1, last_copy_at = now()
    FROM given WHERE d.provider = given.provider AND d.identity = given.identity
    RETURNING given.id
), taken AS (
    SELECT given.id, fresh.received_at, copies.id IS NOT NULL AS is_copy, EXISTS (
        SELECT 1 FROM predictions p WHERE p.provider = given.provider AND p.provider_id = given.provider_id
    ) AS is_known
    FROM given LEFT JOIN fresh USING (id) LEFT JOIN copies USING (id)
), judged AS (
    SELECT CASE
        WHEN is_copy THEN 'duplicate'
        WHEN received_at IS NOT NULL AND NOT is_known THEN 'orphan'
    END AS word FROM taken
), counted AS (
    INSERT INTO tallies (name, labels, total, count)
    SELECT 'deliveries', ARRAY[word], 0, count(*) FROM judged WHERE word IS NOT NULL GROUP BY word
)
SELECT taken.*, told.* FROM taken LEFT JOIN told ON true
"""
