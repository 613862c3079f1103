"""One reason not to start."""

from collections.abc import Callable
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


Check = Callable[[Settings], Refusal | None]
"""One rule about one setting."""
