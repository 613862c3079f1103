"""Spend alerts, told to SPEND_ALERT_WEBHOOK: signed by Standard Webhooks, at least once, until they are heard."""

import json
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx
import structlog

from app.db import alerts, notices, predictions
from app.db.alerts import Alert
from app.db.engine import Database
from app.domain.notices import signed_headers
from app.outbound.callbacks import post

OWNER = "service"
"""Whose secret signs: `darkroom keys webhook-secret service`."""

log = structlog.get_logger()


async def tell_alerts(database: Database, http: httpx.AsyncClient, url: str) -> int:
    """Returns how many were heard; the others are told again next time."""
    if not url:
        return 0
    async with database.transaction() as tx:
        now, found = await predictions.time(tx), await alerts.untold(tx)
        secret = await notices.signing_secret(tx, OWNER) if found else ""
    heard = 0
    for alert in found:
        body = _body(alert)
        answered = await post(http, url, body, signed_headers(_id(alert), body, secret, now))
        if not answered.ok:
            log.warning("spend alert not heard", outcome=answered.outcome)
            continue
        async with database.transaction() as tx:
            await alerts.mark_told(tx, alert)
        heard += 1
    return heard


def _body(alert: Alert) -> bytes:
    data = {"account": alert.account, "period": alert.period, "percent": alert.percent}
    return json.dumps({"type": "budget.used", "timestamp": alert.at.isoformat(), "data": data}).encode()


def _id(alert: Alert) -> UUID:
    """The same for every attempt, so that a receiver can tell a repeat."""
    return uuid5(NAMESPACE_URL, f"{alert.account}:{alert.period}:{alert.percent}")
