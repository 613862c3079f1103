"""A build and its trial, by a process whose mounts are its own: `unshare --mount … replay FOLDER [--python PATH]`."""

import asyncio
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from scripts.cleanroom import machine
from scripts.cleanroom.base import NoSources, Official, find_interpreter, make_base
from scripts.cleanroom.build import Build, Image, Place, Step, StepFailed, megabytes
from scripts.cleanroom.buying import try_buying
from scripts.cleanroom.copying import NotInContext
from scripts.cleanroom.house import CLONE, Service, emulator, postgres, root_of
from scripts.cleanroom.ignore import Ignore
from scripts.cleanroom.layer import try_layer
from scripts.cleanroom.namespaces import own_network
from scripts.cleanroom.production import try_production
from scripts.cleanroom.promises import Promises
from scripts.cleanroom.recipe import NotUnderstood, Stage, read_stages
from scripts.cleanroom.report import Report
from scripts.cleanroom.stand import NeverHealthy, Stand

DOCKERFILE = CLONE / "scripts/deploy/Dockerfile"
IGNORED = CLONE / "scripts/deploy/Dockerfile.dockerignore"
KEPT = CLONE / "build"
WRONG = (NotUnderstood, NotInContext, NoSources, StepFailed, subprocess.CalledProcessError, OSError)
LAST_LINES = 30


def replay(place: Place, program: str | None) -> Report:
    stages = read_stages(DOCKERFILE.read_text())
    report = _base(place, stages, program)

    def tell(step: Step) -> None:
        report.steps.append(step)
        _say(f"{step.stage:>6} {step.seconds:6.1f} s {step.megabytes:+7.1f} MB  {step.text[:80]}")

    ignore, service = Ignore(IGNORED.read_text().splitlines()), Service.read("web-a")
    image = Build(place, context=CLONE, ignore=ignore, loan=machine.pip_loan(), tell=tell).replay(stages)
    report.megabytes = report.base_megabytes + megabytes(image.layer)
    try_layer(image, ignore, service.volume, report.promises)
    _say("running it")
    own_network()
    asyncio.run(_run(image, place, stages[-1], service, report.promises))
    return report


def _base(place: Place, stages: list[Stage], program: str | None) -> Report:
    """Of all the stages: another image in one of them would need another base."""
    official, *others = {Official.parse(stage.base) for stage in stages}
    if others:
        raise NotUnderstood("stages from different images")
    _say(f"making what stands in for {stages[0].base}")
    interpreter = find_interpreter(program or f"python{official.python}", official.python)
    return Report(make_base(official, interpreter, place.base), megabytes(place.base))


async def _run(image: Image, place: Place, stage: Stage, service: Service, promises: Promises) -> None:
    folder = place.folder
    async with postgres(folder / "postgres") as sockets, emulator(folder / "emulator") as stranger:
        with root_of(image, place.base, service, folder, sockets) as root:
            stand = Stand.of(stage, root=root, service=service, log=place.log, promises=promises)
            with suppress(NeverHealthy):
                await try_production(stand)
                await try_buying(stand, stranger)


def main(folder: str, program: str = "") -> int:
    KEPT.mkdir(exist_ok=True)
    place = Place(Path(folder), KEPT / "image.log")
    place.log.write_text("")
    try:
        report = replay(place, program or None)
    except WRONG as wrong:
        _say(f"{_last_of(place.log)}\n{wrong}")
        return 1
    report.show()
    report.keep(KEPT / "image.json")
    if report.promises.are_kept:
        return 0
    _say(_last_of(place.log))
    return 1


def _last_of(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    return "\n".join([*lines[-LAST_LINES:], f"(all of it: {log})"])


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
