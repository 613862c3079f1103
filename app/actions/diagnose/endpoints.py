"""Webhook endpoints: whether they take what they are sent."""

from app.actions.diagnose.finding import Finding, bad, ok
from app.actions.manage_endpoints import list_endpoints
from app.db.engine import Database
from app.domain.endpoints import DisabledReason

ENDPOINTS = "webhook endpoints"


async def check_endpoints(database: Database) -> Finding:
    """One that its owner disabled himself is well."""
    found = await list_endpoints(database, owner=None)
    failing = sum(each.state == "failing" for each in found)
    disabled = sum(each.disabled_reason in (DisabledReason.GONE, DisabledReason.FAILING) for each in found)
    if not failing and not disabled:
        return ok(ENDPOINTS, f"{len(found)}, none failing" if found else "none")
    told = [f"{count} {word}" for count, word in ((failing, "failing"), (disabled, "disabled for failing")) if count]
    cure = "`darkroom webhooks list` names them, `… attempts ID` tells what they answer, `… enable ID` begins anew"
    return bad(ENDPOINTS, f"{' and '.join(told)}, of {len(found)}", cure)
