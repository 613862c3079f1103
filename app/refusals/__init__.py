"""Why this process must not start: each unsafe or missing setting with its name, what is wrong, and the cure.

One module for each part of the house, each with two tables: what is refused always, and what in production and preview.
"""

from pydantic import ValidationError

from app.refusals import blobs, doors, money, providers, stores, watching
from app.refusals import moderation as judges
from app.refusals.refusal import Refusal, UnsafeSettings, refused
from app.settings import Settings

__all__ = ["Refusal", "UnsafeSettings", "find_refusals", "load_settings", "unreadable"]

PARTS = (doors, stores, blobs, providers, judges, money, watching)


def load_settings(**given: object) -> Settings:
    """The settings, or UnsafeSettings with everything that is wrong at once."""
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise UnsafeSettings(unreadable(error)) from None
    refusals = find_refusals(settings)
    if refusals:
        raise UnsafeSettings(refusals)
    return settings


def find_refusals(settings: Settings) -> list[Refusal]:
    """At most one for each setting, in the order of the parts."""
    checks = [check for part in PARTS for check in (*part.ALWAYS, *(part.STRICT if settings.is_strict else ()))]
    found = [refusal for check in checks for refusal in refused(check, settings)]
    return list({refusal.setting: refusal for refusal in reversed(found)}.values())[::-1]


def unreadable(error: ValidationError) -> list[Refusal]:
    return [_unreadable(dict(problem)) for problem in error.errors()]


def _unreadable(problem: dict[str, object]) -> Refusal:
    location = problem["loc"]
    name = str(location[0] if isinstance(location, tuple) and location else location).upper()
    return Refusal(name, f"not usable ({problem['msg']})", "See .env.example for its form")
