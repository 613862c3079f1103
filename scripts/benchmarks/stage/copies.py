"""Copies of a prediction with all that hangs on it, made by SQL: as many rows, of the same size, in the same indexes.

Columns are read from the database, so that a new one is copied as it is; what must differ in every copy is listed
here. A copy's work is due tomorrow: no worker touches it.
"""

from collections.abc import Mapping
from uuid import UUID, uuid4

from scripts.benchmarks.stage.sql import ask

OWN: Mapping[str, Mapping[str, str]] = {
    "predictions": {
        "id": "c.id",
        "provider_id": "'bench-' || c.id",
        "callback_token": "'bench_' || replace(c.id::text, '-', '')",
        "client_token": "'ct_' || md5(c.id::text)",
        "due_at": "now() + interval '1 day' + (t.due_at - t.due_at)",
        "deadline_at": "now() + interval '1 day' + (t.deadline_at - t.deadline_at)",
    },
    "files": {
        "prediction_id": "c.id",
        "key": "translate(md5(c.id::text || t.position), '0189', 'ghij') || substring(t.key from 33)",
        "thumb_key": "translate(md5('t' || c.id || t.position), '0189', 'ghij') || substring(t.thumb_key from 33)",
    },
    "events": {"prediction_id": "c.id"},
    "ledger": {"prediction_id": "c.id"},
    "deliveries": {
        "id": "overlay(md5(c.id::text || k) placing left(replace(c.id::text, '-', ''), 12) from 1)::uuid",
        "identity": "decode(lpad(to_hex(to_char(c.at, 'YYYYMMDDHH24')::bigint), 8, '0'), 'hex')"
        " || sha224((c.id::text || k)::bytea)",
        "provider_id": "'bench-' || c.id",
        "prediction_id": "c.id",
    },
}
"""By table and column, an expression over the copy `c`, the model `t` and, for deliveries, the number `k`."""
BATCH = 50_000
BULK = {"session_replication_role": "replica", "synchronous_commit": "off"}
"""Whatever the copies refer to is copied too: no need to look for each."""
SAMPLE = 1000
DELIVERIES = 2


def copy(
    database: str,
    model: str,
    count: int,
    *,
    days: float = 0.1,
    deliveries: int = DELIVERIES,
    sample: int = SAMPLE,
    tidy: bool = False,
) -> list[UUID]:
    """Ordered evenly over the last so many days, and `tidy` is vacuumed. Returns the ids of a sample of them, spread
    evenly."""
    ask(database, "CREATE TABLE IF NOT EXISTS bench_copies (n bigint, id uuid, at timestamptz)")
    ask(database, "TRUNCATE bench_copies")
    ask(database, _IDS, count, days * 86_400, str(uuid4()))
    ask(database, "CREATE INDEX IF NOT EXISTS bench_copies_n ON bench_copies (n)")
    for table, own in OWN.items():
        statement = _statement(table, own, _columns(database, table))
        for start in range(0, count, BATCH):
            values = (UUID(model), start, min(start + BATCH, count))
            ask(database, statement, *values, *((deliveries,) if table == "deliveries" else ()), **BULK)
    if tidy:
        ask(database, "VACUUM (ANALYZE)")
    every = max(count // sample, 1)
    chosen = "SELECT id FROM bench_copies WHERE n % $1 = 0 ORDER BY n LIMIT $2"
    rows = ask(database, chosen, every, sample)
    return [row["id"] for row in rows]


_IDS = """
INSERT INTO bench_copies
SELECT n, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0')
           || '7' || substr(md5(n || $3), 1, 3) || '8' || substr(md5(n || $3), 4, 15))::uuid, at
FROM (SELECT n, now() - make_interval(secs => $2::float8 * (1 - n::float8 / $1::bigint)) AS at
      FROM generate_series(0, $1::bigint - 1) AS n) AS spread
"""


def _statement(table: str, own: Mapping[str, str], columns: Mapping[str, str]) -> str:
    """A time that is not listed lies as long after the copy's creation as it did after the model's."""
    moved = "t.{} + (c.at - m.created_at)"
    made = {
        name: own.get(name) or (moved.format(name) if kind == "timestamp with time zone" else f"t.{name}")
        for name, kind in columns.items()
    }
    of_model = "id" if table == "predictions" else "prediction_id"
    rows = f"(SELECT *, row_number() OVER () AS nth, count(*) OVER () AS many FROM {table} WHERE {of_model} = $1) AS t"
    each = " JOIN generate_series(1, $4::int) AS k ON k % t.many + 1 = t.nth" if table == "deliveries" else ""
    return (
        f"INSERT INTO {table} ({', '.join(made)}) SELECT {', '.join(made.values())} "
        f"FROM bench_copies AS c JOIN predictions AS m ON m.id = $1 CROSS JOIN {rows}{each} "
        "WHERE c.n >= $2 AND c.n < $3 ORDER BY c.n"
    )


def _columns(database: str, table: str) -> dict[str, str]:
    """Those that are not counted up by the database, with their types."""
    query = (
        "SELECT column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name = $1 AND is_identity = 'NO' ORDER BY ordinal_position"
    )
    found = ask(database, query, table)
    return {row["column_name"]: row["data_type"] for row in found}
