"""The stages of a Dockerfile, replayed one upon the other as layers of a base."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scripts.cleanroom.base import ENVIRONMENT
from scripts.cleanroom.copying import copy_from_context, copy_from_stage, inside_of
from scripts.cleanroom.ignore import Ignore
from scripts.cleanroom.machine import Loan
from scripts.cleanroom.namespaces import ROOT, Account, bind, mounted, run, within
from scripts.cleanroom.recipe import Instruction, Stage, environment_of

MB = 1e6
BORROWED = (Path("/etc/resolv.conf"), Path("/etc/hosts"))
"""Of this machine, for a step that needs the network; engines do the same."""


class StepFailed(Exception):
    def __init__(self, step: Instruction, code: int) -> None:
        super().__init__(f"exit code {code} of: {step}")


@dataclass(frozen=True, slots=True)
class Step:
    """`megabytes` is by how much it made its stage's layer larger."""

    stage: str
    text: str
    seconds: float
    megabytes: float


@dataclass
class Image:
    """What a stage comes to: its layer on the base, and what its words say of how to run it."""

    layer: Path
    environment: dict[str, str] = field(default_factory=lambda: dict(ENVIRONMENT))
    workdir: str = "/"
    account: Account = ROOT


@dataclass(frozen=True, slots=True)
class Place:
    """Where a build happens: a folder of its own with the base in it, and the log of what the steps say."""

    folder: Path
    log: Path

    @property
    def base(self) -> Path:
        return self.folder / "base"


class Build:
    """`tell` hears of every step when it is done."""

    def __init__(
        self, place: Place, *, context: Path, ignore: Ignore, loan: Loan, tell: Callable[[Step], None]
    ) -> None:
        self._folder, self._base, self._log = place.folder, place.base, place.log
        self._context, self._ignore, self._loan = context, ignore, loan
        self._tell = tell
        self._made: dict[str, Image] = {}

    def replay(self, stages: list[Stage]) -> Image:
        """The last stage's image. Raises StepFailed, NotInContext and NotUnderstood."""
        for number, stage in enumerate(stages):
            self._made[stage.name or str(number)] = image = Image(self._folder / f"layer-{number}")
            with mounted(self._folder / "root", [self._base], upper=image.layer) as root:
                for step in stage.steps:
                    self._timed(step, stage.name or "image", root, image)
        return image

    def _timed(self, step: Instruction, stage: str, root: Path, image: Image) -> None:
        before, began = megabytes(image.layer), time.monotonic()
        self._one(step, root, image)
        took = time.monotonic() - began
        self._tell(Step(stage, str(step), took, megabytes(image.layer) - before))

    def _one(self, step: Instruction, root: Path, image: Image) -> None:
        match step.word:
            case "RUN":
                self._run(step, root, image)
            case "COPY":
                self._copy(step, root, image)
            case "ENV":
                image.environment |= environment_of(step, image.environment)
            case "WORKDIR":
                image.workdir = str(Path(image.workdir, step.argument))
                inside_of(root, image.workdir, "/").mkdir(parents=True, exist_ok=True)
            case "USER":
                image.account = Account.parse(step.argument)

    def _run(self, step: Instruction, root: Path, image: Image) -> None:
        environment = self._loan.variables | {"HOME": "/root"} | image.environment
        command = within(root, image.workdir, image.account, ["/bin/sh", "-c", step.argument])
        with self._lent(root), self._log.open("ab") as log:
            log.write(f"{step}\n".encode())
            log.flush()
            nothing = subprocess.DEVNULL
            code = subprocess.run(
                command, env=environment, stdin=nothing, stdout=log, stderr=log, check=False
            ).returncode
        if code != 0:
            raise StepFailed(step, code)

    @contextmanager
    def _lent(self, root: Path) -> Iterator[None]:
        """In the step's sight, and in no layer."""
        with ExitStack() as stack:
            for here in (*BORROWED, *self._loan.places):
                there = root / str(here).lstrip("/")
                for made in _missing(there):
                    made.touch() if made == there and here.is_file() else made.mkdir()
                    stack.callback(made.unlink if made.is_file() else made.rmdir)
                bind(here, there)
                stack.callback(run, "umount", there)
            yield

    def _copy(self, step: Instruction, root: Path, image: Image) -> None:
        name = step.flags.get("from")
        if name is None:
            copy_from_context(step, self._context, self._ignore, root, image.workdir)
            return
        with mounted(self._folder / "other", [self._made[name].layer, self._base]) as other:
            copy_from_stage(step, other, root, image.workdir)


def _missing(path: Path) -> list[Path]:
    """What has to be made for it, outermost first."""
    return [each for each in (*reversed(path.parents), path) if not each.exists()]


def megabytes(folder: Path) -> float:
    """Of all its files, once each, in 10⁶ bytes."""
    if not folder.exists():
        return 0.0
    found = [path.lstat() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return sum({(each.st_dev, each.st_ino): each.st_size for each in found}.values()) / MB
