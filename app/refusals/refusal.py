"""One reason not to start."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Refusal:
    setting: str
    wrong: str
    cure: str

    def __str__(self) -> str:
        return f"{self.setting}: {self.wrong}. {self.cure}."


class UnsafeSettings(Exception):
    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__("\n".join(map(str, refusals)))
        self.refusals = refusals


Check = Callable[[Settings], Refusal | Iterable[Refusal] | None]
"""One rule about one setting, or about the like of each provider."""


def refused(check: Check, settings: Settings) -> Iterable[Refusal]:
    found = check(settings)
    if found is None:
        return ()
    return (found,) if isinstance(found, Refusal) else found
