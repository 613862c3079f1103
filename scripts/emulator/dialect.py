"""What the sources say in more than one way. Defaults are what the published clients understand."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Dialect:
    status_vocabulary: str = "sdk"
    webhook_body: str = "flat"
    signature: str = "hex"
    signing_key: str = "api_key"
    failed_get: str = "200"
    unknown_get: str = "404"
    error_shape: str = "A"
    list_shape: str = "envelope"
    output: str = "array"
    model: str = "object"
    pricing: str = "shown"
    art: str = "poster"
    origin: str = ""
    create_status: int = 202
    output_bytes: int = 0
    rate_limit: int = 0
    webhook_attempts: int = 6
    seed: int = 1
    duration: float = 1.5
    retention: float = 300.0
    webhook_backoff: float = 1.0
    webhook_timeout: float = 10.0


CHOICES: dict[str, tuple[str, ...]] = {
    "status_vocabulary": ("sdk", "docs"),
    "webhook_body": ("flat", "envelope"),
    "signature": ("hex", "sha256="),
    "signing_key": ("api_key", "secret"),
    "failed_get": ("200", "502"),
    "unknown_get": ("404", "502"),
    "error_shape": ("A", "B", "C"),
    "list_shape": ("envelope", "array"),
    "output": ("array", "string"),
    "model": ("object", "string"),
    "pricing": ("shown", "hidden"),
    "art": ("poster", "plain"),
}

RANGES: dict[str, tuple[float, float]] = {
    "create_status": (200, 202),
    "output_bytes": (0, 2**40),
    "rate_limit": (0, 10**6),
    "webhook_attempts": (1, 100),
    "seed": (0, 2**63),
    "duration": (0, 86_400),
    "retention": (0, 10**9),
    "webhook_backoff": (0, 3_600),
    "webhook_timeout": (0.05, 600),
}

MEANINGS: dict[str, str] = {
    "status_vocabulary": "pending/cancelled (sdk) or queued/canceled (docs)",
    "webhook_body": "the prediction itself, or {type, created_at, data}",
    "signature": "bare hex, or with the prefix sha256=",
    "signing_key": "what deliveries are signed with: the API key or the webhook secret",
    "failed_get": "status of GET for a failed prediction",
    "unknown_get": "status of GET for an unknown id",
    "error_shape": "A {status, response, error}, B {error}, C {error_id, message}",
    "list_shape": "{data, pagination}, or a bare array",
    "output": "always an array, or a string where there is one output",
    "model": "{name, type}, or the slug alone",
    "pricing": "the catalogue's prices, or null instead of them",
    "art": "posters for people, or plain pictures which cost little to make",
    "origin": "scheme and host of the URLs it hands out; empty: its own",
    "create_status": "status of an accepted create: 200, 201 or 202",
    "output_bytes": "exact size of every image or video, 0 for their own",
    "rate_limit": "creates per model in 60 s, then 429; 0 for no limit",
    "webhook_attempts": "how often a delivery is tried",
    "seed": "which predictions the faults hit",
    "duration": "seconds from create to end",
    "retention": "seconds that outputs live after the end",
    "webhook_backoff": "seconds before the second attempt, doubled each time",
    "webhook_timeout": "seconds that a receiver has for its answer",
}


class UnknownDialectError(ValueError):
    """A name that is no part of the dialect, or a value that it cannot have."""


def changed(dialect: Dialect, wishes: Mapping[str, Any]) -> Dialect:
    understood: dict[str, Any] = {name: _understood(name, wish) for name, wish in wishes.items()}
    return replace(dialect, **understood)


def spoken(dialect: Dialect) -> dict[str, Any]:
    return asdict(dialect)


def _understood(name: str, wish: Any) -> str | int | float:
    kinds = {field.name: field.type for field in fields(Dialect)}
    if name not in kinds:
        raise UnknownDialectError(f"{name!r} is unknown; known are {', '.join(sorted(kinds))}")
    if name == "origin":
        return str(wish).rstrip("/")
    if name in CHOICES:
        return _choice(name, str(wish))
    return _number(name, wish, whole=kinds[name] is int)


def _choice(name: str, wish: str) -> str:
    if wish not in CHOICES[name]:
        raise UnknownDialectError(f"{name} is one of {', '.join(CHOICES[name])}, not {wish!r}")
    return wish


def _number(name: str, wish: Any, *, whole: bool) -> int | float:
    low, high = RANGES[name]
    try:
        number = int(wish) if whole else float(wish)
    except (TypeError, ValueError, OverflowError):
        raise UnknownDialectError(f"{name} is a number, not {wish!r}") from None
    if not low <= number <= high:
        raise UnknownDialectError(f"{name} lies between {low:g} and {high:g}")
    return number
