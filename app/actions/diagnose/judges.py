"""Moderation: it answers, and lets a harmless sentence pass."""

from app.actions.diagnose.finding import Finding, bad, ok, skipped
from app.domain.errors import ModerationUnavailable
from app.domain.moderation import Moderators

NAME = "moderation"
HARMLESS = "a red fox in the snow"


async def check_moderation(moderators: Moderators) -> Finding:
    if not moderators:
        return skipped(NAME, "MODERATION is off")
    for moderator in moderators:
        try:
            (verdict,) = await moderator.verdicts([HARMLESS])
        except ModerationUnavailable:
            return bad(NAME, "the endpoint gives no verdict", "Correct MODERATION_URL and MODERATION_API_KEY")
        if verdict.flagged:
            named = ", ".join(verdict.categories)
            return bad(NAME, f"refuses “{HARMLESS}” ({named})", "Narrow the patterns of MODERATION_DENY_FILE")
    return ok(NAME, "answers")
