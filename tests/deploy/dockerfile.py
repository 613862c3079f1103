"""The Dockerfile, read as instructions."""

import json
import shlex
from dataclasses import dataclass

from tests.emulator.process import ROOT

FILE = ROOT / "scripts/deploy/Dockerfile"


@dataclass(frozen=True)
class Instruction:
    word: str
    rest: str


def instructions() -> list[Instruction]:
    lines = [line for line in FILE.read_text().splitlines() if line and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [Instruction(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines())]


def all_of(word: str) -> list[str]:
    return [each.rest for each in instructions() if each.word == word]


def stages() -> list[list[Instruction]]:
    found: list[list[Instruction]] = []
    for each in instructions():
        if each.word == "FROM":
            found.append([])
        found[-1].append(each)
    return found


def command(word: str) -> list[str]:
    """In its exec form: a shell in between would swallow SIGTERM."""
    (given,) = all_of(word)
    return [str(part) for part in json.loads(given[given.index("[") :])]


def pip_steps(script: str) -> list[list[str]]:
    """What pip is told to install, without the options that stand in the environment, in the order of the steps."""
    lines = script.replace("\\\n", " ").replace("&&", "\n").splitlines()
    steps = [line.partition("-m pip install")[2].partition(">&2")[0] for line in lines if "-m pip install" in line]
    return [shlex.split(step.replace('"$pins"', "requirements.txt")) for step in steps]
