"""The statements of a create: heard from the server's log, and asked again with new ids."""

import json
from dataclasses import asdict

import asyncpg

from scripts.benchmarks.references.statements import read_script
from scripts.benchmarks.stage.overheard import Statement, statements, without_empty_transactions

TABLES = """
CREATE TABLE made (id uuid PRIMARY KEY, token text UNIQUE NOT NULL, input jsonb NOT NULL, hash bytea UNIQUE NOT NULL);
CREATE TABLE owed (subject bytea[] PRIMARY KEY, name text UNIQUE NOT NULL, prices numeric[] NOT NULL);
"""
MADE = "INSERT INTO made (id, token, input, hash) VALUES ($1, $2, $3, $4)"
OWED = "INSERT INTO owed (subject, name, prices) VALUES ($1, $2, $3)"
IDS = ("01a1ffcc-b060-7d32-ae4a-10b8cf598d0f", "01a1ffcc-c0a1-7000-a545-ae1df120c1c8")


def _line(message: str, detail: str = "", database: str = "creates") -> bytes:
    return json.dumps({"pid": 7, "dbname": database, "message": message, "detail": detail}).encode()


def _create(prediction_id: str, token: str) -> list[Statement]:
    raw = prediction_id.replace("-", "")
    values = (prediction_id, token, f'{{"prompt": "of {token}"}}', f"\\x{raw}{raw}")
    owed = (f'{{"\\\\x{raw}"}}', f"{prediction_id}:submit", "{0.03,1}")
    begin, commit = (Statement(7, word, simple=True) for word in ("BEGIN", "COMMIT"))
    return [begin, Statement(7, MADE, values), Statement(7, OWED, owed), commit]


def test_the_log_gives_back_statements_and_values_of_one_database() -> None:
    lines = [
        _line("statement: BEGIN;"),
        _line("execute __asyncpg_stmt_1__: SELECT $1, $2", "Parameters: $1 = 'it''s, $2', $2 = NULL"),
        _line("execute <unnamed>: SELECT 1", database="another"),
        _line("checkpoint starting: time"),
    ]
    assert statements(lines, "creates") == [
        Statement(7, "BEGIN", simple=True),
        Statement(7, "SELECT $1, $2", ("it's, $2", None)),
    ]


def test_a_pool_that_tries_its_connections_leaves_no_transactions() -> None:
    begin, end = (Statement(7, word, simple=True) for word in ("BEGIN", "ROLLBACK"))
    asked = Statement(7, "SELECT 1")
    assert without_empty_transactions([begin, end, begin, asked, end]) == [begin, asked, end]


async def test_a_create_is_asked_again_with_new_ids_wherever_they_stand(database_url: str) -> None:
    recorded = {
        "one": [asdict(each) for each in _create(IDS[0], "token-of-the-first-one")],
        "two": [asdict(each) for each in _create(IDS[1], "token-of-the-other-one")],
    }
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(TABLES)
        script = await read_script(connection, recorded)
        ids = {await script.run(connection) for _ in range(3)}
        made = await connection.fetch("SELECT * FROM made JOIN owed ON name = id || ':submit'")
    finally:
        await connection.close()
    assert {str(row["id"]) for row in made} == ids and len(ids) == 3
    for row in made:
        assert (row["subject"], row["hash"]) == ([row["id"].bytes], 2 * row["id"].bytes)
        assert row["token"] != "token-of-the-first-one"
        assert row["input"] == f'{{"prompt": "of {row["token"]}"}}'
