"""Status polls with a key: of a thousand predictions in turn, and of a single one that everybody asks for."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from uuid import UUID

import httpx

from scripts.benchmarks.figures import Figure, ratio
from scripts.benchmarks.load import requests, wrk
from scripts.benchmarks.references import row
from scripts.benchmarks.rounds import Plan, interleaved
from scripts.benchmarks.stage.copies import copy
from scripts.benchmarks.stage.lives import Lives, begin_lives
from scripts.benchmarks.stage.service import Service
from scripts.benchmarks.stage.sql import ask
from scripts.benchmarks.stage.stage import Stage, open_stage

MANY = 1000
WARMING = 3
CONSTANT, ROW, TUTORIAL = "Starlette, constant JSON", "asyncpg, row by key", "FastAPI and ORM"


def measure(plan: Plan) -> list[Figure]:
    with open_stage() as stage:
        database = stage.migrated("polls")
        lives = begin_lives(stage, database)
        asked = {
            "finished": copy(database, lives.finished, MANY, tidy=True),
            "unfinished": copy(database, lives.running, MANY, tidy=True),
        }
        rounds = _measured(stage, database, lives, asked, plan)
    return [figure for name in rounds if name not in (CONSTANT, ROW, TUTORIAL) for figure in _figures(name, rounds)]


def _figures(name: str, rounds: Mapping[str, list[float]]) -> list[Figure]:
    is_new = "304" in name
    told = [ratio(f"{name} ÷ {CONSTANT}", rounds, name, CONSTANT, 0.8 if is_new else 0.7)]
    if "one" not in name and not is_new:
        told.append(ratio(f"{name} ÷ {TUTORIAL}", rounds, name, TUTORIAL, 10))
        told.append(ratio(f"{name} ÷ {ROW}", rounds, name, ROW, None))
    return told


def _measured(
    stage: Stage, database: str, lives: Lives, asked: Mapping[str, list[UUID]], plan: Plan
) -> dict[str, list[float]]:
    with stage.web(database) as web:
        files = _ours(stage.folder, web, lives.key, asked)
        body = stage.folder / "body.json"
        with web.client(lives.key) as client:
            body.write_bytes(_answer(client, asked["finished"][0]).raise_for_status().content)
        with (
            stage.reference("constant", "--body", str(body)) as constant,
            stage.reference("row", "--database", _rows(stage, asked["finished"], body)) as by_key,
            stage.reference("tutorial", *_tutorial(stage, asked["finished"], body)) as tutorial,
        ):
            bare = [requests.get(constant, "/api/predictions")]
            rows = [requests.get(by_key, f"/api/predictions/{each}") for each in asked["finished"]]
            orm = [requests.get(tutorial, f"/predictions/{each}") for each in asked["finished"]]
            ports = dict.fromkeys(files, web.port) | {CONSTANT: constant, ROW: by_key, TUTORIAL: tutorial}
            files[CONSTANT] = requests.write(stage.folder / "constant", bare)
            files[ROW] = requests.write(stage.folder / "row", rows)
            files[TUTORIAL] = requests.write(stage.folder / "tutorial", orm)
            for name, file in files.items():
                wrk.run(ports[name], file, WARMING)
            cases = {name: partial(_rate, ports[name], file, plan.seconds) for name, file in files.items()}
            return interleaved(cases, plan.rounds)


def _rate(port: int, file: Path, seconds: int, number: int) -> float:
    return wrk.run(port, file, seconds).rate


def _ours(folder: Path, web: Service, key: str, asked: Mapping[str, list[UUID]]) -> dict[str, Path]:
    """By name, the requests; each was answered as it should be once before."""
    made: dict[str, list[bytes]] = {}
    for state, ids in asked.items():
        made[f"poll, {state}"] = [_asking(web.port, each, key) for each in ids]
        made[f"poll, {state}, one for all"] = [_asking(web.port, ids[0], key)]
    with web.client(key) as client:
        etags = {each: _answer(client, each).headers["etag"] for each in asked["finished"]}
        for each, etag in list(etags.items())[:10]:
            if _answer(client, each, etag).status_code != 304:
                raise RuntimeError("a known ETag was not answered 304")
    made["poll, 304"] = [_asking(web.port, each, key, etag) for each, etag in etags.items()]
    return {name: requests.write(folder / f"poll-{at}", sent) for at, (name, sent) in enumerate(made.items())}


def _asking(port: int, prediction_id: UUID, key: str, etag: str = "") -> bytes:
    headers = {"Authorization": f"Bearer {key}"} | ({"If-None-Match": etag} if etag else {})
    return requests.get(port, f"/api/predictions/{prediction_id}", **headers)


def _answer(client: httpx.Client, prediction_id: UUID, etag: str = "") -> httpx.Response:
    headers = {"If-None-Match": etag} if etag else {}
    return client.get(f"/api/predictions/{prediction_id}", headers=headers)


def _rows(stage: Stage, ids: list[UUID], body: Path) -> str:
    address = stage.database("documents")
    ask(address, row.TABLE)
    ask(address, row.FILL, ids, body.read_text())
    return address


def _tutorial(stage: Stage, ids: list[UUID], body: Path) -> list[str]:
    """With as many rows, and the same input and output in each."""
    address = stage.database("tutorial")
    ask(address, _TABLE)
    ask(address, _FILL, ids, body.read_text())
    words = {
        "database": address,
        "provider": "-",
        "key": "-",
        "secret": "-",
        "folder": str(stage.folder / "tutorial-f"),
    }
    return [word for name, value in words.items() for word in (f"--{name}", value)]


_TABLE = """
CREATE TABLE predictions (id varchar PRIMARY KEY, provider_id varchar UNIQUE, status varchar NOT NULL,
    model varchar NOT NULL, input json NOT NULL, output json, created_at varchar NOT NULL, completed_at varchar)
"""
_FILL = """
INSERT INTO predictions
SELECT unnest($1::uuid[])::text, gen_random_uuid()::text, ours->>'status', ours->>'model', ours->'input',
       ours->'output', ours->>'created_at', ours->>'completed_at'
FROM (SELECT $2::text::json AS ours) AS given
"""
