"""What was promised of the image, and what was seen of it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Promise:
    name: str
    is_kept: bool
    seen: str


@dataclass
class Promises:
    noted: list[Promise] = field(default_factory=list)

    def note(self, name: str, is_kept: bool, seen: str = "") -> None:
        self.noted.append(Promise(name, is_kept, seen))

    @property
    def are_kept(self) -> bool:
        return bool(self.noted) and all(promise.is_kept for promise in self.noted)
