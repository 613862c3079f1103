"""What an answer means for our money: made or not, billed or not, to be asked for again or not."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.domain.ports import NotKnown, ProviderRefused, Unavailable, Unsure
from app.domain.report import Inline, ProviderState, Report
from app.providers.client import Reply
from app.providers.stability.failures import CONTENT_NAMES, FILTERED, INTERNAL, content_filtered, name_of, refusal

LOCKED_OUT = timedelta(seconds=60)
"""Who asks more than 150 times in 10 s is refused for so long, whatever an answer says."""
UNSURE_STATUSES = (408, 409, 425, 499)
LONGEST_ID = 200


def read_made(our_id: str, reply: Reply, price: Decimal | None) -> Report:
    """A synchronous create's. Raises Unavailable, ProviderRefused or Unsure."""
    if reply.status == 200 and _is_picture(reply):
        return ended(our_id, reply, price)
    raise _create_trouble(reply)


def read_started(reply: Reply) -> Report:
    """A job's create. Raises Unavailable, ProviderRefused or Unsure."""
    given_id = reply.data.get("id") if isinstance(reply.data, Mapping) else None
    if reply.is_success and isinstance(given_id, str) and 0 < len(given_id) <= LONGEST_ID:
        return Report(given_id, ProviderState.QUEUED, facts=_facts(reply))
    raise _create_trouble(reply)


def read_result(provider_id: str, reply: Reply, price: Decimal | None) -> Report:
    """Of a job. Raises Unavailable or NotKnown."""
    if reply.status == 202:
        return Report(provider_id, ProviderState.RUNNING)
    if reply.status == 200 and _is_picture(reply):
        return ended(provider_id, reply, price)
    name = name_of(reply.data)
    if reply.status in (403, 422) and name in CONTENT_NAMES:
        return Report(provider_id, ProviderState.FAILED, failure=content_filtered(name), facts=_facts(reply))
    if reply.status == 404:
        raise NotKnown("result answered 404")
    raise unavailable("result", reply)


def ended(provider_id: str, reply: Reply, price: Decimal | None) -> Report:
    """A blurred picture counts as made and is billed; it is no result. Any other word came with a picture that was
    paid for, so the picture is kept."""
    if reply.headers.get("finish-reason", "").strip().upper() == FILTERED:
        failure = content_filtered(FILTERED)
        return Report(provider_id, ProviderState.FAILED, failure=failure, billed=price, facts=_facts(reply))
    inline = (Inline(reply.content, reply.proven_whole),)
    return Report(provider_id, ProviderState.SUCCEEDED, billed=price, inline=inline, facts=_facts(reply))


def unavailable(what: str, reply: Reply) -> Unavailable:
    is_limit = reply.status == 429
    pause = max(reply.retry_after or LOCKED_OUT, LOCKED_OUT) if is_limit else reply.retry_after
    return Unavailable(f"{what} answered {reply.status}", pause, limited=is_limit)


def _create_trouble(reply: Reply) -> Unavailable | ProviderRefused | Unsure:
    """Credits are for what was made, and failures cost nothing: so even a 500 that is Stability's own answer has cost
    nothing, and may be asked for again. A gateway's, or a 200 that makes no sense, tells nothing of what is behind."""
    name = name_of(reply.data)
    if reply.status == 429 or (reply.status == 503 and reply.retry_after is not None):
        return unavailable("create", reply)
    if reply.status >= 500 and name == INTERNAL:
        return Unavailable(f"create answered {reply.status} {name}")
    if 400 <= reply.status < 500 and reply.status not in UNSURE_STATUSES:
        return ProviderRefused(refusal(reply.status, name))
    return Unsure(f"create answered {reply.status}")


def _is_picture(reply: Reply) -> bool:
    return reply.headers.get("content-type", "").casefold().startswith("image/")


def _facts(reply: Reply) -> dict[str, Any]:
    """For the receipt: what repeats the picture, and what Stability's support asks for."""
    seed, request = reply.headers.get("seed", ""), reply.headers.get("x-request-id", "")
    facts: dict[str, Any] = {"seed": int(seed)} if seed.isdecimal() and len(seed) <= 10 else {}
    if request.isascii() and request.isprintable() and 0 < len(request) <= LONGEST_ID:
        facts["request_id"] = request
    return facts
