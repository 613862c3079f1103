"""How it misbehaves. A fault hits a share of the predictions, always the same ones for the same seed."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

FIRST = {"times": 1}
ALWAYS: dict[str, Any] = {"times": None}
ANY_OUTPUT: dict[str, Any] = {"position": None}


@dataclass(frozen=True)
class Fault:
    meaning: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


KNOWN: dict[str, Fault] = {
    # creates, before anything is accepted; `times` counts over all creates
    "refuse_429": Fault("429 RATE_LIMIT_EXCEEDED with Retry-After; seconds", {"seconds": 1} | ALWAYS),
    "refuse_503": Fault("503 SERVICE_UNAVAILABLE with Retry-After; seconds", {"seconds": 1} | ALWAYS),
    "content_policy": Fault("451 CONTENT_POLICY_VIOLATION", ALWAYS),
    "insufficient_credits": Fault("402 INSUFFICIENT_CREDITS", ALWAYS),
    "slow_create": Fault("waits before it accepts, as a request that arrives late; seconds", {"seconds": 3}),
    # creates, accepted all the same
    "slow_reply": Fault("accepts at once, answers late; seconds", {"seconds": 3}),
    "reply_cut": Fault("accepts, then cuts the connection without a reply"),
    "reply_500": Fault("accepts, then answers 500"),
    "reply_502": Fault("accepts, then answers 502 as an HTML page"),
    "reply_garbage": Fault("accepts, then answers 200 with HTML and no id"),
    "reply_false": Fault("accepts, then answers 200 with status false and the id"),
    # the job
    "late_start": Fault("the job starts and ends later; seconds", {"seconds": 5}),
    "never_finish": Fault("the job runs for as long as the fault stands"),
    "fail": Fault("the job fails: Failed to generate image."),
    "nsfw": Fault("the job fails: NSFW content detected."),
    "absurd_cost": Fault("credits_used is nonsense; value negative, nan, huge, none or text", {"value": None}),
    "expire_early": Fault("outputs live only so long; seconds", {"seconds": 1}),
    # reads of a prediction; the first attempts only
    "get_429": Fault("429 with Retry-After; seconds", {"seconds": 1} | FIRST),
    "get_404": Fault("404 as if it had never been", FIRST),
    "get_500": Fault("500 INTERNAL_ERROR", FIRST),
    "get_502": Fault("502 as an HTML page", FIRST),
    "cancel_ignored": Fault("a cancel is confirmed, and the job goes on"),
    # the list; `times` counts over all reads of it
    "list_429": Fault("429 with Retry-After for the list; seconds", {"seconds": 1} | FIRST),
    "list_502": Fault("502 as an HTML page for the list", FIRST),
    # deliveries
    "duplicate": Fault("delivered several times; copies, seconds between", {"copies": 2, "seconds": 0}),
    "reorder": Fault("the terminal event before the started one"),
    "delay": Fault("delivered late; seconds, else 1 to 20", {"seconds": None}),
    "drop": Fault("no delivery at all"),
    "early": Fault("delivered before the create is answered"),
    "forge": Fault("a forged delivery besides: wrong signature, success, a foreign URL"),
    "alter": Fault("body changed after signing, in the first attempts", FIRST),
    "contradict": Fault("a signed delivery of the opposite end follows"),
    "slow_body": Fault("the body arrives in drops; seconds", {"seconds": 3}),
    "stale_link": Fault("output links in deliveries answer 403; a status read gives good ones"),
    # downloads; those that pass with a retry hit the first attempts only
    "cdn_404": Fault("404", ALWAYS | ANY_OUTPUT),
    "cdn_429": Fault("429 with Retry-After; seconds", {"seconds": 1} | FIRST | ANY_OUTPUT),
    "cdn_500": Fault("500", FIRST | ANY_OUTPUT),
    "cdn_reset": Fault("connection reset in the middle", FIRST | ANY_OUTPUT),
    "cdn_truncate": Fault("fewer bytes than Content-Length says", FIRST | ANY_OUTPUT),
    "cdn_truncate_chunked": Fault("chunked, cut before the last chunk", FIRST | ANY_OUTPUT),
    "cdn_truncate_gzip": Fault("gzip, cut in mid stream at a length that is announced", FIRST | ANY_OUTPUT),
    "cdn_close": Fault("whole, but only the closing tells the end", ALWAYS | ANY_OUTPUT),
    "cdn_stall": Fault("silence after the first half; seconds", {"seconds": 30} | FIRST | ANY_OUTPUT),
    "cdn_drip": Fault("whole, in drops; seconds for all", {"seconds": 5} | ALWAYS | ANY_OUTPUT),
    "cdn_wrong_length": Fault("more bytes than Content-Length says", FIRST | ANY_OUTPUT),
    "cdn_wrong_type": Fault("the right bytes called text/html", ALWAYS | ANY_OUTPUT),
    "cdn_html": Fault("a page with a script, called what it should be", ALWAYS | ANY_OUTPUT),
    "cdn_svg": Fault("a drawing with a script, called what it is", ALWAYS | ANY_OUTPUT),
    "cdn_gzip": Fault("Content-Encoding: gzip", ALWAYS | ANY_OUTPUT),
    "cdn_redirect": Fault("302 to another path of its own", ALWAYS | ANY_OUTPUT),
    "cdn_redirect_private": Fault("302 to http://169.254.169.254/", ALWAYS | ANY_OUTPUT),
    "cdn_endless": Fault("a body without end", ALWAYS | ANY_OUTPUT),
    "cdn_pixel_bomb": Fault("a small PNG of 900 million pixels", ALWAYS | ANY_OUTPUT),
    "cdn_changing": Fault("other bytes at every download, each whole", ALWAYS | ANY_OUTPUT),
}

Hit = dict[str, Any]


class UnknownFaultError(ValueError):
    """A name, share or parameter that does not exist."""


class Faults:
    def __init__(self, note: Callable[[str, str], None] = lambda name, subject: None) -> None:
        """`note` hears of every count, to keep it beyond the end of the process."""
        self.given: dict[str, Any] = {}
        self.seed = 1
        self._set: dict[str, Hit] = {}
        self._hits: Counter[tuple[str, str]] = Counter()
        self._note = note
        self.lifted = asyncio.Event()

    def replace(self, wishes: Mapping[str, Any]) -> None:
        self._set = understood(wishes)
        self.given = dict(wishes)
        self._hits.clear()
        self.lifted.set()
        self.lifted = asyncio.Event()

    def peek(self, name: str) -> Hit | None:
        return self._set.get(name)

    def count(self, name: str, subject: str) -> int:
        """How often it was counted before."""
        self.recall(name, subject)
        self._note(name, subject)
        return self._hits[name, subject] - 1

    def recall(self, name: str, subject: str) -> None:
        self._hits[name, subject] += 1

    def hit(self, name: str, ordinal: int, subject: str = "") -> Hit | None:
        """The fault's parameters if it hits this time; `times` counts per subject."""
        fault = self._set.get(name)
        if fault is None or chance(self.seed, name, ordinal) >= fault["share"]:
            return None
        if fault.get("times") is not None:
            return fault if self.count(name, subject) < fault["times"] else None
        return fault


def chance(seed: int, name: str, ordinal: int) -> float:
    """Between 0 and 1, from a hash: the same story for the same seed."""
    digest = hashlib.sha256(f"{seed}:{name}:{ordinal}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def understood(wishes: Mapping[str, Any]) -> dict[str, Hit]:
    unknown = sorted(set(wishes) - set(KNOWN))
    if unknown:
        raise UnknownFaultError(f"unknown: {', '.join(unknown)}")
    return {name: _one(name, wish) for name, wish in wishes.items()}


def _one(name: str, wish: Any) -> Hit:
    given = dict(wish) if isinstance(wish, Mapping) else {"share": wish}
    fault = {"share": 1.0} | dict(KNOWN[name].parameters) | given
    strange = sorted(set(fault) - {"share"} - set(KNOWN[name].parameters))
    if strange:
        raise UnknownFaultError(f"{name} has no {', '.join(strange)}")
    for what in set(fault) - {"value"}:
        _check(name, what, fault[what])
    return fault


def _check(name: str, what: str, value: Any) -> None:
    if value is None and what != "share":
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnknownFaultError(f"{name}: {what} is a number, not {value!r}")
    if value < 0 or (what == "share" and value > 1):
        raise UnknownFaultError(f"{name}: {what} is out of range")
