"""An input's prose before every moderator, before any money is held or any row written."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.errors import ContentRefused, FieldProblem
from app.domain.moderation import Moderators

LONGEST_FIELD = 100
ALWAYS_PROSE = ("prompt", "negative_prompt")
LINK = re.compile(r"https?://\S+|data:(?:image|video|audio)/\S+|file_[0-9a-f]{32}", re.IGNORECASE)


async def moderate(moderators: Moderators, given: Mapping[str, Any]) -> None:
    """Raises ContentRefused, which names the category and never the text, or ModerationUnavailable."""
    prose = list(_prose("input", given))
    texts = [text for _, text in prose]
    for moderator in moderators if texts else ():
        for (field, _), verdict in zip(prose, await moderator.verdicts(texts), strict=True):
            if verdict.flagged:
                raise _refused(field, verdict.categories)


def _refused(field: str, categories: tuple[str, ...]) -> ContentRefused:
    named = ", ".join(categories) or "unnamed"
    problem = FieldProblem(field[:LONGEST_FIELD], f"is refused by moderation ({named})")
    return ContentRefused(f"Moderation refuses this input: {named}.", problems=(problem,))


def _prose(field: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every text with its field, but for links, uploads' ids and inline files, which nobody reads."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _prose(f"{field}.{name}", inner)
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            yield from _prose(f"{field}.{position}", inner)
    elif isinstance(value, str) and (field.removeprefix("input.") in ALWAYS_PROSE or not LINK.fullmatch(value)):
        yield from _spoken(field, value)


def _spoken(field: str, text: str) -> Iterator[tuple[str, str]]:
    """A negative prompt lists what must not be seen, so its parts are judged one by one: together they mean nothing."""
    parts = re.split(r"[,;\n]", text) if field.startswith("input.negative") else [text]
    for part in parts:
        if not part.isspace() and part:
            yield field, part
