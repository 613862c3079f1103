"""What leaves for Sentry: where it broke and how, without what was in its hands.

Everything that is not named here stays: requests, headers, breadcrumbs, variables. Texts lose our own secrets, whatever
looks like one, and all but their first line, since databases put rows into the others.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from pydantic import SecretStr

from app.settings import Settings

KEPT = frozenset(
    {"event_id", "timestamp", "platform", "level", "environment", "server_name", "tags", "exception", "logger", "sdk"}
)
KEPT_OF_FRAMES = frozenset({"filename", "function", "module", "lineno", "abs_path", "in_app", "context_line"})
LIKE_SECRETS = re.compile(
    r"\b(?:dk|ct|whsec|phc|vercel_blob_rw)_[\w.-]+|\bsk-[\w-]+|(?<=://)[^/\s@]+@|(?<=[?&]t=)[\w-]+|"
    r"(?i:(?<=bearer )\S+)|(?<=token=)[\w-]+"
)
LONGEST = 300
HIDDEN = "[hidden]"

Scrub = Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]


def secrets_of(settings: Settings) -> set[str]:
    """Every secret that the settings hold, several in one each for itself, and those within addresses and after a name.
    Short ones would blot out words."""
    values = (getattr(settings, name) for name in type(settings).model_fields)
    held = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    parts = {part.strip() for text in held for part in [text, *text.split(","), *_within(text)]}
    return {part for part in parts if len(part) >= 6}


def _within(text: str) -> list[str]:
    """`user:secret`, alone or in an address."""
    _, _, place = text.rpartition("://")
    named = place.rpartition("@")[0] if "://" in text else text
    return [named.partition(":")[2], unquote(named.partition(":")[2])]


def scrubber(secrets: Iterable[str]) -> Scrub:
    """For Sentry's `before_send`."""
    known = re.compile("|".join(map(re.escape, sorted(secrets, key=len, reverse=True))) or r"(?!)")

    def clean(text: str) -> str:
        lines = text.splitlines() or [""]
        return LIKE_SECRETS.sub(HIDDEN, known.sub(HIDDEN, lines[0]))[:LONGEST]

    def scrub(event: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, Any]:
        kept = {name: value for name, value in event.items() if name in KEPT}
        found = (event.get("exception") or {}).get("values") or []
        kept["exception"] = {"values": [_exception(each, clean) for each in found]}
        return kept

    return scrub


def _exception(told: Mapping[str, Any], clean: Callable[[str], str]) -> dict[str, Any]:
    frames = (told.get("stacktrace") or {}).get("frames") or []
    kept = [{name: value for name, value in frame.items() if name in KEPT_OF_FRAMES} for frame in frames]
    return {
        "type": told.get("type"),
        "module": told.get("module"),
        "value": clean(str(told.get("value") or "")),
        "stacktrace": {"frames": kept},
    }
