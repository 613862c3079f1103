"""What tests ask of the Dockerfile."""

import shlex

from scripts.cleanroom.recipe import Instruction, Stage, read_instructions, read_stages
from tests.emulator.process import ROOT

FILE = ROOT / "scripts/deploy/Dockerfile"
IGNORED = ROOT / "scripts/deploy/Dockerfile.dockerignore"


def all_of(word: str) -> list[Instruction]:
    return [each for each in read_instructions(FILE.read_text()) if each.word == word]


def stages() -> list[Stage]:
    return read_stages(FILE.read_text())


def command(word: str) -> list[str]:
    (given,) = all_of(word)
    return given.command


def pip_steps(script: str) -> list[list[str]]:
    """What pip is told to install, without the options that stand in the environment, in the order of the steps."""
    lines = script.replace("\\\n", " ").replace("&&", "\n").splitlines()
    steps = [line.partition("-m pip install")[2].partition(">&2")[0] for line in lines if "-m pip install" in line]
    return [shlex.split(step.replace('"$pins"', "requirements.txt")) for step in steps]
