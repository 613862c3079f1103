"""Spend alerts: each budget and period tells once that it is half, nearly or wholly used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db.engine import Transaction
from app.db.tables import spend_alerts
from app.domain.budgets import ALERT_PERCENTS, Balance

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Alert:
    account: str
    period: str
    percent: int
    at: datetime


async def note(tx: Transaction, percents: Mapping[Balance, int]) -> None:
    """By how much each budget is used. Writes nothing as long as none is half used."""
    reached = [
        {"account": balance.account, "period": balance.period, "percent": percent}
        for balance, used in percents.items()
        for percent in ALERT_PERCENTS
        if used >= percent
    ]
    if not reached:
        return
    known = select(spend_alerts.c.account, spend_alerts.c.period, spend_alerts.c.percent).where(
        spend_alerts.c.account.in_([row["account"] for row in reached]),
        spend_alerts.c.period.in_([row["period"] for row in reached]),
    )
    seen = {tuple(row) for row in (await tx.execute(known)).all()}
    fresh = [row for row in reached if tuple(row.values()) not in seen]
    if not fresh:
        return
    statement = upsert(spend_alerts).on_conflict_do_nothing().returning(*_NAMES)
    for row in (await tx.execute(statement.values(fresh))).mappings():
        log.warning("spend alert", **row)


_NAMES = (spend_alerts.c.account, spend_alerts.c.period, spend_alerts.c.percent)


async def untold(tx: Transaction) -> list[Alert]:
    """Oldest first."""
    query = select(*_NAMES, spend_alerts.c.at).where(spend_alerts.c.told_at.is_(None)).order_by(spend_alerts.c.at)
    rows = await tx.execute(query.limit(20))
    return [Alert(**row) for row in rows.mappings()]


async def mark_told(tx: Transaction, alert: Alert) -> None:
    condition = (
        spend_alerts.c.account == alert.account,
        spend_alerts.c.period == alert.period,
        spend_alerts.c.percent == alert.percent,
    )
    await tx.execute(update(spend_alerts).where(*condition).values(told_at=func.now()))
