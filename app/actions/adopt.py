"""Adoption: which entry of the provider's list is the create whose reply was lost.

The token in the echoed callback URL decides, since it is ours alone, whatever our address was then. Where the list
repeats no such URL, one single entry counts: of that model and input, from that moment, claimed by no row of ours,
while no other row of ours is searching. Anything less certain is left alone.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.db import lookups
from app.db.engine import Database
from app.domain.pictures import without_pictures
from app.domain.ports import Listed
from app.domain.prediction import Prediction
from app.domain.report import Report

BEFORE, AFTER = timedelta(minutes=1), timedelta(minutes=5)
"""How far the provider's time of a create may lie from the moment we asked: two clocks, and a slow road."""


async def adopt(database: Database, prediction: Prediction, entries: Sequence[Listed]) -> Report | None:
    """The report to adopt, or None."""
    for entry in entries:
        if _token(entry) == prediction.callback_token:
            return entry.report
    candidates = [entry for entry in entries if _may_be(entry, prediction)]
    if not candidates:
        return None
    async with database.transaction() as tx:
        ids = [entry.report.provider_id for entry in candidates]
        claimed = await lookups.claimed(tx, prediction.provider, ids)
        searching = await lookups.searching(tx, prediction.provider, prediction.model)
    unclaimed = [entry for entry in candidates if entry.report.provider_id not in claimed]
    return unclaimed[0].report if len(unclaimed) == 1 and searching == 1 else None


def _token(entry: Listed) -> str | None:
    found = parse_qs(urlsplit(entry.callback_url or "").query).get("t")
    return found[0] if found else None


def _may_be(entry: Listed, prediction: Prediction) -> bool:
    asked_at = prediction.asked_at or prediction.created_at
    if entry.callback_url is not None or entry.created_at is None:
        return False
    if entry.input is not None and not _is_same(entry.input, prediction.input):
        return False
    return asked_at - BEFORE <= entry.created_at <= asked_at + AFTER


def _is_same(listed: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    """But for pictures, which the provider got as addresses or data."""
    return without_pictures(listed, ours) == without_pictures(ours, ours)
