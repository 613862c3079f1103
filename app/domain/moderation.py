"""Whether a text may be asked of a provider at all, decided before anything is bought."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Verdict:
    """`categories` name what was found, such as `sexual/minors`; each moderator has its own, and may learn more."""

    flagged: bool = False
    categories: tuple[str, ...] = ()


class Moderator(Protocol):
    """May be called from any process at any time. `is_far`: asking takes time, and perhaps money."""

    is_far: bool

    async def verdicts(self, texts: Sequence[str]) -> Sequence[Verdict]:
        """One for every text, in their order. Raises ModerationUnavailable."""


Moderators = Sequence[Moderator]
"""Asked in their order, the cheap ones first."""
