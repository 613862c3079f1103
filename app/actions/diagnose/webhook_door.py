"""The webhook door from outside: a signed delivery of our own to APP_URL, once small and once as large as they come.

What stands between us and the world is told apart by what answers: a redirect, a wall, a limit, somebody else.
"""

import json
import secrets

from app.actions.diagnose.finding import Finding, bad, ok, skipped
from app.actions.diagnose.senders import Sender
from app.db import inbox
from app.db.engine import Database
from app.domain.errors import TemporarilyUnavailable
from app.outbound.own_door import KNOCK_SECONDS, Knock, knock

LARGEST = 1_000_000
SMALL_NAME, LARGE_NAME = "webhook URL", "webhook URL, 1 MB"
_TROUBLES = {
    "name": ("its name does not resolve", "Create a DNS record for the host of APP_URL, or correct APP_URL"),
    "refused": ("nobody answers there", "Start `darkroom web` and what stands in front of it, or correct APP_URL"),
    "tls": ("its certificate is not valid", "Renew the certificate for the host of APP_URL, with its whole chain"),
    "timeout": (f"no answer within {KNOCK_SECONDS:g} s", "Open its port in the firewall; see what the proxy waits for"),
    "cut": ("the connection was cut", "Look into the log of the proxy in front of `darkroom web`"),
}


async def check_webhook_door(app_url: str, sender: Sender | None, database: Database | None, *, large: bool) -> Finding:
    """`sender`: as whom to deliver; None if there is no secret of anybody's. `database` is where the delivery must then
    be found, and is removed from."""
    name = LARGE_NAME if large else SMALL_NAME
    if not app_url:
        return skipped(name, "APP_URL is not set: nobody can call back, so results are asked for")
    if sender is None:
        return skipped(name, "needs SKYTELLS_WEBHOOK_SECRET or REPLICATE_WEBHOOK_SECRET, to sign a delivery with")
    delivery_id = f"darkroom-doctor-{secrets.token_hex(8)}"
    body = _delivery(delivery_id, LARGEST if large else 0)
    headers = {
        "content-type": "application/json",
        "user-agent": "darkroom-doctor",
        **sender.sign(delivery_id, body),
    }
    found = await knock(app_url + sender.path, body, headers)
    if not found.is_received:
        return bad(name, *judged(found, sender))
    return await _kept(name, sender.provider, delivery_id, database)


def judged(found: Knock, sender: Sender) -> tuple[str, str]:
    """What was seen, and the cure."""
    if found.trouble is not None:
        return _TROUBLES[found.trouble]
    status, by = found.status or 0, f" ({found.server})" if found.server else ""
    if 300 <= status < 400:
        return (
            f"redirects to {found.location[:200] or 'somewhere'}",
            "Set APP_URL to the final address; providers follow none",
        )
    if found.code is not None:
        return _ours(found.code, sender)
    if status in (401, 403, 407):
        cure = "Let POST /api/webhooks through without a login: its deliveries are signed, and checked by us"
        return f"a wall stands in front and answers {status}{by}", cure
    if status == 413:
        cure = "Raise the limit of what answers to 2 MB (nginx: client_max_body_size 2m;)"
        return f"bodies of this size are refused before they reach us{by}", cure
    if status in (404, 405):
        return f"the path leads elsewhere: {status}{by}", "Let the proxy pass /api/webhooks on to `darkroom web`"
    if status in (408, 504):
        return f"{status}{by}: we were not waited for", "Raise the timeouts of what answers above 30 s"
    if status in (502, 503):
        return f"{status}{by}: the proxy reaches nobody", "Start `darkroom web`, and check the proxy's upstream"
    return f"somebody else answers {status}{by}", "Correct APP_URL, or let the proxy pass /api/webhooks on to us"


def _ours(code: str, sender: Sender) -> tuple[str, str]:
    """We answer ourselves, and say no."""
    if code == "invalid_signature":
        cure = f"Start `darkroom web` anew with the {sender.setting} of this shell, or correct that of this shell"
        return "the process there has another webhook secret, or the body was changed on its way", cure
    if code == "unavailable":
        return "the process there does not reach its database", "See that process's /health/ready"
    return f"the process there refuses it ({code})", "See that process's log"


async def _kept(name: str, provider: str, delivery_id: str, database: Database | None) -> Finding:
    if database is None:
        return ok(name, "received; the test delivery stays, since no database can be reached from here")
    try:
        async with database.transaction() as tx:
            removed = await inbox.forget(tx, provider, delivery_id)
    except TemporarilyUnavailable:
        return ok(name, "received; the test delivery stays, since no database can be reached from here")
    if removed:
        return ok(name, "received, verified and kept")
    cure = "Correct APP_URL, or give both the same DATABASE_URL"
    return bad(name, "received by a Darkroom that keeps its deliveries in another database", cure)


def _delivery(delivery_id: str, size: int) -> bytes:
    """Of a prediction that nobody has, filled up to `size` bytes."""
    bare = json.dumps({"id": delivery_id, "status": "starting", "logs": ""}).encode()
    return bare.replace(b'"logs": ""', b'"logs": "' + b"x" * max(size - len(bare), 0) + b'"')
