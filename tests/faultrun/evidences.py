"""A small run in which all is well; tests spoil one thing at a time."""

from datetime import UTC, datetime
from decimal import Decimal

from scripts.faultrun.budgets import PRICE, SERVICE, Budget
from scripts.faultrun.emulator import Sold
from scripts.faultrun.evidence import Blob, Entry, Evidence, Heard, Row, StoredRow
from scripts.faultrun.fencing import Claim
from scripts.faultrun.forger import Forged
from scripts.faultrun.gauges import Gauge
from scripts.faultrun.history import Answer, Fetched, Story
from scripts.faultrun.misbehaviour import is_hard_to_fetch
from scripts.faultrun.nemesis import Dealt, Strike
from scripts.faultrun.purses import Standing

NOW = 1_000_000.0
SHA = "a" * 64
LENGTH = 500
ACCOUNT = "key:ann"
DAY = datetime.fromtimestamp(NOW, UTC).date().isoformat()
NOTHING = Decimal(0)
UNHARMED = [number for number in range(200) if not is_hard_to_fetch(1, number)]
"""Ordinals whose downloads no fault of seed 1 hits."""


def well(count: int = 3) -> Evidence:
    """`count` predictions, each sold, told of, stored and fetched."""
    evidence = Evidence(seed=1, minutes=2)
    evidence.faults_began, evidence.faults_ended = NOW, NOW + 100
    evidence.drained_after, evidence.samples = 2.0, 1_000
    evidence.claims = [Claim(f"row-{number}", "worker-1", NOW) for number in range(count)]
    evidence.allowed_connections, evidence.most_connections = 50, 20
    for number in range(count):
        _add(evidence, number)
    evidence.forged = [Forged(NOW, "none at all", "f" * 64, 401)]
    evidence.heard.append(Heard(NOW, "f" * 64, False, 401))
    evidence.dealt = [Dealt(Strike(1, "web", "web-1", "KILL", 1), NOW + 1, NOW + 2)]
    _keep_books(evidence, count)
    evidence.gauges = [Gauge("web-1", 1, NOW, 10**8, 30, 10**8, 30, NOW + 60)]
    return evidence


def _add(evidence: Evidence, number: int) -> None:
    key, owner, prompt = f"key{number}", "ann", f"prompt {number}"
    evidence.stories.append(story(number, owner, prompt))
    evidence.sold.append(
        Sold(
            f"sold-{number}",
            UNHARMED[number],
            "succeeded",
            prompt,
            None,
            f"token-{number}",
            NOW + 2,
            PRICE,
            ((SHA, LENGTH),),
        )
    )
    evidence.rows.append(row(number))
    evidence.files.append(StoredRow(f"row-{number}", 0, "stored", "http://cdn/x.png", key, LENGTH, SHA))
    evidence.blobs.append(Blob(key, LENGTH, SHA))
    evidence.heard.append(Heard(NOW + 3, f"{number:064}", True, 200))
    evidence.kept.add(f"{number:064}")


def _keep_books(evidence: Evidence, count: int) -> None:
    """Ann has money for two more, and was nearly at her limit once."""
    evidence.has_ledger, evidence.accounts = True, {"ann": ACCOUNT}
    limits = {"ann": Budget("total", (count + 2) * PRICE), SERVICE: Budget("daily", Decimal(100))}
    evidence.budgets = {ACCOUNT: limits["ann"], SERVICE: limits[SERVICE]}
    captured = count * PRICE
    evidence.standings = [standing(ACCOUNT, "ever", captured), standing(SERVICE, DAY, captured)]
    evidence.purses.see([standing(ACCOUNT, "ever", limits["ann"].most)], evidence.budgets, NOW + 50)
    for number in range(count):
        evidence.entries += [entry(number, "hold", PRICE, NOTHING), entry(number, "capture", -PRICE, PRICE, NOW + 5)]
    evidence.entries.sort(key=lambda each: each.at)


def standing(account: str, period: str, captured: Decimal) -> Standing:
    """Of which nothing is held."""
    return Standing(account, period, NOTHING, captured, NOTHING, captured)


def entry(number: int, kind: str, held: Decimal, captured: Decimal, at: float = NOW, note: str | None = None) -> Entry:
    return Entry(at, f"row-{number}", "ann", ACCOUNT, DAY, kind, held, captured, note)


def story(number: int, owner: str = "ann", prompt: str = "") -> Story:
    told = [
        Answer("create", NOW + 3, 201, f"row-{number}", "starting"),
        Answer("read", NOW + 4, 200, f"row-{number}", "processing"),
        Answer("read", NOW + 5, 200, f"row-{number}", "succeeded"),
        Answer("file", NOW + 6, 200),
    ]
    made = Story(number, owner, f"order-{number}", prompt, 1, NOW, NOW + 3, 1, [f"row-{number}"], told)
    made.fetched = [Fetched("http://web/files/x", SHA, LENGTH, SHA, LENGTH)]
    made.final, made.file_count = "succeeded", 1
    return made


def row(number: int, **changed: object) -> Row:
    facts: dict[str, object] = {
        "id": f"row-{number}",
        "owner": "ann",
        "prompt": f"prompt {number}",
        "status": "succeeded",
        "stage": "done",
        "provider_id": f"sold-{number}",
        "token": f"token-{number}",
        "failure": None,
        "provider_code": None,
        "work": None,
        "attempts": 0,
        "created_at": NOW,
        "completed_at": NOW + 5,
        "held": NOTHING,
        "captured": PRICE,
    }
    return Row(**{**facts, **changed})  # type: ignore[arg-type]
