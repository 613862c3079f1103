"""Collects the evidence once everything has come to rest."""

import asyncio
import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from scripts.faultrun.evidence import Blob, Entry, Evidence, Heard, Jobs, Logs, Row, StoredRow
from scripts.faultrun.house import House
from scripts.faultrun.plants import Plants
from scripts.faultrun.purses import HAS_MONEY, standings
from scripts.faultrun.taps import Exchange

ROWS = """SELECT id::text, owner, coalesce(input->>'prompt', '') AS prompt, status, stage, provider_id,
    callback_token AS token, failure_code AS failure, failure_provider_code AS provider_code, work, attempts,
    extract(epoch FROM created_at)::float AS created_at, extract(epoch FROM completed_at)::float AS completed_at,
    held, captured FROM predictions ORDER BY id"""
FILES = """SELECT prediction_id::text, position, state, source_url, key, bytes, sha256,
    to_jsonb(files)->>'thumb_key' AS thumb_key, to_jsonb(files)->>'thumb_sha256' AS thumb_sha256 FROM files
    ORDER BY prediction_id, position"""
UPLOADS = "SELECT key FROM uploads"
LEDGER = """SELECT extract(epoch FROM at)::float AS at, prediction_id::text, owner,
    coalesce('key:' || key_id, '') AS account, day::text, kind, held, captured, note FROM ledger ORDER BY 1, id"""
KEPT = "SELECT encode(sha256(body), 'hex') FROM deliveries"
JOBS = "SELECT status::text, count(*) FROM jobs.pgqueuer GROUP BY 1"
TRACEBACK = re.compile(rb"Traceback \(most recent call last\)")
MOST_EXCERPTS = 20
EXCERPT = 400


async def gather(house: House, evidence: Evidence, deliveries: Iterable[Exchange]) -> None:
    evidence.sold = await house.emulator.sold()
    connection = await house.database.connect()
    try:
        await _read_database(connection, evidence)
    finally:
        await connection.close(timeout=5)
    evidence.blobs, evidence.temporaries = await asyncio.to_thread(_read_disk, house.blobs)
    evidence.heard = [heard(each, house.plants) for each in deliveries]
    evidence.dropped = _dropped(evidence, deliveries)
    evidence.logs = await asyncio.to_thread(read_logs, house.logs, house.plants)
    await _read_metrics(house, evidence)


def heard(exchange: Exchange, plants: Plants) -> Heard:
    return Heard(exchange.asked_at, exchange.sha256, exchange.is_signed(plants.webhook_secret), exchange.status)


async def _read_database(connection: asyncpg.Connection, evidence: Evidence) -> None:
    evidence.rows = [Row(**dict(row)) for row in await connection.fetch(ROWS)]
    evidence.files = [StoredRow(**dict(row)) for row in await connection.fetch(FILES)]
    evidence.uploads = {row[0] for row in await connection.fetch(UPLOADS)}
    evidence.kept = {row[0] for row in await connection.fetch(KEPT)}
    evidence.jobs = Jobs({row[0]: row[1] for row in await connection.fetch(JOBS)})
    evidence.has_ledger = await connection.fetchval(HAS_MONEY)
    if evidence.has_ledger:
        evidence.entries = [Entry(**dict(row)) for row in await connection.fetch(LEDGER)]
        evidence.standings = await standings(connection)


def _read_disk(blobs: Path) -> tuple[list[Blob], list[float]]:
    incoming, now = blobs / ".incoming", time.time()
    found = [_blob(file) for file in sorted(blobs.rglob("*")) if file.is_file() and incoming not in file.parents]
    ages = [now - file.stat().st_mtime for file in incoming.iterdir()] if incoming.is_dir() else []
    return found, ages


def _blob(file: Path) -> Blob:
    content = file.read_bytes()
    return Blob(file.name, len(content), hashlib.sha256(content).hexdigest())


def _dropped(evidence: Evidence, deliveries: Iterable[Exchange]) -> set[str]:
    """Of these the provider told us nothing that passed with our answer."""
    told = {
        match[1].decode()
        for each in deliveries
        if each.status is not None and each.status < 300 and (match := _ID.search(each.body))
    }
    return {sold.id for sold in evidence.sold if sold.id not in told}


_ID = re.compile(rb'"id"\s*:\s*"([^"]+)"')


def read_logs(folder: Path, plants: Plants) -> Logs:
    """The product's own logs, and the database's; the emulator's are a stranger's."""
    logs, tracebacks = Logs(), Counter[str]()
    lines = 0
    for log in sorted(folder.glob("w*.log")):
        for line in log.read_bytes().splitlines():
            lines += 1
            if TRACEBACK.search(line):
                tracebacks[_like(line)] += 1
            if (shown := plants.found_in_log(line)) and len(logs.secrets) < MOST_EXCERPTS:
                logs.secrets.append(f"{log.name} shows {', '.join(shown)}: {_short(line)}")
    words = (folder / "postgres.log").read_text(errors="replace") if (folder / "postgres.log").exists() else ""
    return replace(
        logs,
        lines=lines,
        tracebacks=dict(tracebacks.most_common(MOST_EXCERPTS)),
        deadlocks=words.count("deadlock detected"),
        lock_waits=words.count("still waiting for"),
    )


def _like(line: bytes) -> str:
    """The event, the exception, and where in the product it passed last."""
    try:
        told = json.loads(line)
    except ValueError:
        return "a bare traceback"
    event, trace = re.sub(r"\d+", "N", str(told.get("event"))), str(told.get("exception", "")).strip().splitlines()
    own = [re.sub(r'.*/(app/[^"]+)", line (\d+), in (\w+).*', r"\1:\2 \3", each) for each in trace if "/app/" in each]
    last = next((each for each in reversed(trace) if each[:1].strip() and not each.startswith("(")), "")
    return f"{event}: {_short(last.encode())} ({' > '.join(own[-3:]) or 'not in our code'})"


def _short(line: bytes) -> str:
    text = line.decode(errors="replace")
    return text if len(text) <= EXCERPT else text[: EXCERPT // 2] + " … " + text[-EXCERPT // 2 :]


async def _read_metrics(house: House, evidence: Evidence) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
        for url in house.webs.values():
            key = next(iter(house.keys.values()))
            answer = await http.get(f"{url}/metrics", headers={"authorization": f"Bearer {key}"})
            if answer.status_code == 200:
                evidence.has_metrics = True
                shown = house.plants.found_in_log(answer.content)
                evidence.logs.secrets.extend(f"/metrics shows {kind}" for kind in shown)


def by_id(rows: Iterable[Row]) -> Mapping[str, Row]:
    return {row.id: row for row in rows}


def plain(value: Any) -> Any:
    """Whatever JSON cannot say by itself."""
    return sorted(value) if isinstance(value, set | frozenset) else str(value)
