"""A Dockerfile, read as stages of instructions. What this reader does not know it refuses, and never skips."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

WORDS = {"FROM", "COPY", "RUN", "ENV", "WORKDIR", "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "CMD"}
VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)\}|(?P<bare>\w+))")
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class NotUnderstood(Exception):
    """Something in the Dockerfile that this reader does not know. The text names the line."""


@dataclass(frozen=True, slots=True)
class Instruction:
    word: str
    rest: str

    def __str__(self) -> str:
        return f"{self.word} {self.rest}"

    @property
    def flags(self) -> dict[str, str]:
        """Those before the first other word: `--from=build` as {"from": "build"}."""
        return dict(flag[2:].split("=", 1) for flag in self._parts()[0])

    @property
    def argument(self) -> str:
        return self._parts()[1]

    @property
    def command(self) -> list[str]:
        """In its exec form: a shell in between would swallow SIGTERM. Raises NotUnderstood for any other."""
        text = self.argument.removeprefix("CMD").strip() if self.word == "HEALTHCHECK" else self.argument
        try:
            words = json.loads(text)
        except ValueError:
            raise NotUnderstood(f"not in exec form: {self}") from None
        return [str(word) for word in words]

    def _parts(self) -> tuple[list[str], str]:
        flags, rest = [], self.rest
        while rest.startswith("--"):
            flag, _, rest = rest.partition(" ")
            if "=" not in flag:
                raise NotUnderstood(f"a flag without a value: {self}")
            flags.append(flag)
            rest = rest.lstrip()
        return flags, rest


@dataclass(frozen=True, slots=True)
class Stage:
    base: str
    name: str | None
    steps: tuple[Instruction, ...]

    def last(self, word: str) -> Instruction | None:
        return next((step for step in reversed(self.steps) if step.word == word), None)


def read_stages(text: str) -> list[Stage]:
    """Raises NotUnderstood."""
    found: list[tuple[Instruction, list[Instruction]]] = []
    for each in read_instructions(text):
        if each.word == "FROM":
            found.append((each, []))
        elif not found:
            raise NotUnderstood(f"before any FROM: {each}")
        else:
            found[-1][1].append(each)
    return [_stage(start, steps) for start, steps in found]


def read_instructions(text: str) -> Iterator[Instruction]:
    for line in _joined(text):
        word, _, rest = line.partition(" ")
        if word not in WORDS or "<<" in rest:
            raise NotUnderstood(line)
        yield Instruction(word, rest.strip())


def _joined(text: str) -> Iterator[str]:
    """Comments left out, even those amid a continued line, as Docker does it."""
    held = ""
    for line in text.splitlines():
        if line.lstrip().lower().startswith("# escape="):
            raise NotUnderstood(line)
        if line.lstrip().startswith("#") or not line.strip():
            continue
        held += line.rstrip().removesuffix("\\")
        if not line.rstrip().endswith("\\"):
            yield held.strip()
            held = ""
    if held:
        raise NotUnderstood(f"it ends within {held}")


def _stage(start: Instruction, steps: list[Instruction]) -> Stage:
    match start.rest.split():
        case [base]:
            return Stage(base, None, tuple(steps))
        case [base, "AS", name]:
            return Stage(base, name, tuple(steps))
    raise NotUnderstood(str(start))


def environment_of(step: Instruction, known: Mapping[str, str]) -> dict[str, str]:
    """The words of an ENV. Variables mean what was known before it, as Docker has it."""
    pairs = [word.partition("=") for word in shlex.split(step.rest)]
    if any(not equals for _, equals, _ in pairs):
        raise NotUnderstood(str(step))
    return {name: expanded(value, known) for name, _, value in pairs}


def expanded(value: str, known: Mapping[str, str]) -> str:
    return VARIABLE.sub(lambda found: known.get(found["braced"] or found["bare"], ""), value)


def seconds(duration: str) -> float:
    """Of Docker's durations those of one unit, such as 10s."""
    found = re.fullmatch(r"(\d+)(ms|s|m|h)", duration)
    if found is None:
        raise NotUnderstood(f"no duration: {duration}")
    return int(found[1]) * UNITS[found[2]]
