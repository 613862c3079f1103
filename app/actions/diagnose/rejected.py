"""Why the door did not believe a delivery: the wrong door, the wrong scheme, the clock, or the signature itself."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from app.actions.diagnose.finding import Finding, bad, ok
from app.actions.diagnose.signature import diagnose_signature
from app.domain import standard_webhooks
from app.domain.ports import Provider, Providers
from app.domain.standard_webhooks import TOLERANCE, UnusableSecret, key_of

SENDER, HEADERS, CLOCK, SECRET = "sender", "headers", "clock", "secret"
SKYTELLS = "x-skytells-signature"
STANDARD = ("webhook-id", "webhook-timestamp", "webhook-signature")
FAL = ("x-fal-webhook-request-id", "x-fal-webhook-user-id", "x-fal-webhook-timestamp", "x-fal-webhook-signature")
SCHEMES: Mapping[str, tuple[str, ...]] = {"skytells": (SKYTELLS,), "replicate": STANDARD, "fal": FAL}
STRANGERS = {
    "stripe-signature": "Stripe",
    "x-hub-signature-256": "GitHub",
    "svix-signature": "Svix",
    "x-slack-signature": "Slack",
    "x-shopify-hmac-sha256": "Shopify",
}


@dataclass(frozen=True, slots=True)
class KnownSecrets:
    """By where they stand: those that Skytells' door believes, those that it does not, and Replicate's."""

    accepted: Mapping[str, str] = field(default_factory=dict, repr=False)
    others: Mapping[str, str] = field(default_factory=dict, repr=False)
    replicate: tuple[str, ...] = field(default=(), repr=False)


def diagnose_rejected(
    door: str, headers: Mapping[str, str], body: bytes, *, providers: Providers, known: KnownSecrets, now: datetime
) -> list[Finding]:
    """`door` is the provider whose door was knocked at, `now` the time at which it was. Header names are small."""
    for provider in providers.values():
        if provider.name != door and provider.is_authentic(headers, body):
            return [_wrong_door(provider, door)]
    scheme = _scheme(headers)
    if scheme is None:
        return [_unsigned(headers, door)]
    if scheme != door:
        return [_wrong_scheme(scheme, door)]
    if door == "skytells":
        return diagnose_signature(body, headers[SKYTELLS], known.accepted, {**known.others, **_named(known.replicate)})
    return list(_standard(headers, body, known, now) if door == "replicate" else _fal(headers))


def _scheme(headers: Mapping[str, str]) -> str | None:
    return next((name for name, needed in SCHEMES.items() if any(each in headers for each in needed)), None)


def _wrong_door(provider: Provider, door: str) -> Finding:
    said = f"is {provider.name}, truly: the signature verifies with {provider.name}'s key, but this is {door}'s door"
    return bad(SENDER, said, f"Let {provider.name} deliver to /api/webhooks/{provider.name}")


def _wrong_scheme(scheme: str, door: str) -> Finding:
    said = f"signs as {scheme} does ({SCHEMES[scheme][-1]}), with a key we do not know; this is {door}'s door"
    return bad(SENDER, said, f"Let {scheme} deliver to /api/webhooks/{scheme}, and set its key or secret here")


def _unsigned(headers: Mapping[str, str], door: str) -> Finding:
    stranger = next((name for header, name in STRANGERS.items() if header in headers), None)
    if stranger is not None:
        return bad(SENDER, f"signs as {stranger} does, which sells us nothing", f"Take our URL out of {stranger}")
    wanted = ", ".join(SCHEMES.get(door, (SKYTELLS,)))
    said = f"no signature came with it: {wanted} is missing"
    return bad(HEADERS, said, "Let the sender sign it, and proxies in between pass these headers on")


def _standard(headers: Mapping[str, str], body: bytes, known: KnownSecrets, now: datetime) -> Iterator[Finding]:
    missing = [name for name in STANDARD if not headers.get(name)]
    if missing:
        yield bad(HEADERS, f"{', '.join(missing)} missing", "Send all three headers of Standard Webhooks")
        return
    yield ok(HEADERS, "all three of Standard Webhooks")
    yield _on_time(headers["webhook-timestamp"], now)
    yield _signed_by(headers, body, known)


def _on_time(timestamp: str, now: datetime) -> Finding:
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 13):
        return bad(CLOCK, "webhook-timestamp is no number of seconds", "Send Unix seconds")
    apart = int(timestamp) - now.timestamp()
    if abs(apart) > TOLERANCE.total_seconds():
        way = "old" if apart < 0 else "ahead of us"
        said = f"the timestamp is {abs(apart):.0f} s {way}; {TOLERANCE.total_seconds():.0f} s are let pass"
        return bad(CLOCK, said, "Replay it with a fresh timestamp, or let NTP set both clocks")
    return ok(CLOCK, "on time")


def _signed_by(headers: Mapping[str, str], body: bytes, known: KnownSecrets) -> Finding:
    delivery_id, timestamp, _ = (headers[name] for name in STANDARD)
    given = headers["webhook-signature"].split(" ")
    for place, key in _keys(known):
        if standard_webhooks.sign(key, delivery_id, timestamp, body) in given:
            if place in _named(known.replicate):
                return ok(SECRET, "one that the door believes")
            return bad(SECRET, f"is {place}, which this door does not believe", _SET)
        if standard_webhooks.sign(key, delivery_id, timestamp, body.rstrip(b"\r\n")) in given:
            return bad("body", "was signed without the line break at its end", "Sign and send the same bytes")
    return bad(SECRET, "none that is known here fits id, timestamp and these bytes", f"{_SET}, or the body was changed")


_SET = "Set REPLICATE_WEBHOOK_SECRET to what Replicate's API tells (GET /v1/webhooks/default/secret)"


def _keys(known: KnownSecrets) -> Iterator[tuple[str, bytes]]:
    """Each secret decoded, as the scheme wants it, and as people use it by mistake: as it stands."""
    for place, secret in {**_named(known.replicate), **known.accepted, **known.others}.items():
        with suppress(UnusableSecret):
            yield place, key_of(secret)
        yield f"{place}, not decoded from base64", secret.encode()


def _named(secrets: tuple[str, ...]) -> dict[str, str]:
    return {f"REPLICATE_WEBHOOK_SECRET, number {number}": secret for number, secret in enumerate(secrets, 1)}


def _fal(headers: Mapping[str, str]) -> list[Finding]:
    missing = [name for name in FAL if not headers.get(name)]
    if missing:
        return [bad(HEADERS, f"{', '.join(missing)} missing", "Let proxies in between pass X-Fal-Webhook-* on")]
    said = "the signature is by none of fal's published keys over these bytes, or is older than five minutes"
    return [bad(SECRET, said, "Nobody but fal can sign these: look whether a proxy changed the body or the headers")]
