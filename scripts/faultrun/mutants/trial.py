"""Every mutant against its aim, and every aim against the healthy build, which it must acquit."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from scripts.faultrun import report
from scripts.faultrun.builds import Build, Edit, Stale, make_build
from scripts.faultrun.folders import temporary_folder
from scripts.faultrun.house import Unbuildable
from scripts.faultrun.mutants.aims import AIMS
from scripts.faultrun.mutants.catalogue import MUTANTS, Mutant
from scripts.faultrun.mutants.shooting import Shooting
from scripts.faultrun.mutants.traces import NotPossible
from scripts.faultrun.order import Order
from scripts.faultrun.progress import Progress

SECONDS = 60.0
"""Within which a mutant must be caught, from the first attempt on."""
CONTROL_ATTEMPTS = 2
GOOD = ("caught", "acquitted")
Outcome = Literal["caught", "survived", "stale", "unbuildable", "acquitted", "FALSELY CAUGHT", "not possible"]
COLOURS = {"caught": "green", "acquitted": "green", "not possible": "yellow"}


@dataclass(frozen=True, slots=True)
class Trial:
    """`seconds` from the first attempt to the violation. A control has no name: it is of the healthy build."""

    name: str
    what: str
    outcome: Outcome
    seconds: float
    seen: str


async def run_mutants(order: Order, names: Sequence[str], progress: Progress) -> int:
    """0 if every mutant was caught, none is stale, and no aim accused the healthy build."""
    chosen = [mutant for mutant in MUTANTS if not names or mutant.name in names]
    trials: list[Trial] = []
    with temporary_folder(kept=order.keeps_folder) as folder:
        for mutant in chosen:
            trials.append(await _try(order, mutant, folder))
            _tell(progress, trials[-1])
        for aim in dict.fromkeys(mutant.aim for mutant in chosen):
            trials.append(await _control(order, aim, folder))
            _tell(progress, trials[-1])
        build = make_build(order.tree, folder / "healthy", ref=order.ref)
    entry = _entry(build, trials)
    report.append(order.report, entry, keep=order.is_resumed)
    progress.close()
    _show(trials, build)
    return 0 if entry["is_clean"] else 1


async def _try(order: Order, mutant: Mutant, folder: Path) -> Trial:
    try:
        build = _built(order, folder / mutant.name, mutant.edits)
        seconds, seen = await _shoot(build, mutant.aim, folder / mutant.name, SECONDS)
    except Stale as stale:
        return Trial(mutant.name, mutant.what, "stale", 0.0, str(stale))
    except NotPossible as why:
        return Trial(mutant.name, mutant.what, "not possible", 0.0, str(why))
    except Unbuildable as why:
        return Trial(mutant.name, mutant.what, "unbuildable", 0.0, str(why)[-500:])
    return Trial(mutant.name, mutant.what, "caught" if seen else "survived", seconds, seen)


async def _control(order: Order, aim: str, folder: Path) -> Trial:
    what = aim.replace("_", " ")
    try:
        build = _built(order, folder / f"control-{aim}", ())
        seconds, seen = await _shoot(build, aim, folder / f"control-{aim}", SECONDS, attempts=CONTROL_ATTEMPTS)
    except NotPossible as why:
        return Trial("(healthy)", what, "not possible", 0.0, str(why))
    return Trial("(healthy)", what, "FALSELY CAUGHT" if seen else "acquitted", seconds, seen)


def _built(order: Order, folder: Path, edits: Sequence[Edit]) -> Build:
    return make_build(order.tree, folder / "build", edits, order.ref)


async def _shoot(build: Build, aim: str, folder: Path, seconds: float, attempts: int = 100) -> tuple[float, str]:
    """Again and again until something is wrong, the attempts are used up or the time is over."""
    setting = AIMS[aim]
    shooting = Shooting(folder, build, workers=setting.workers, lease=setting.lease, shifted=setting.shifted)
    try:
        await shooting.house.start()
        began, seen = time.monotonic(), ""
        for _ in range(attempts):
            async with asyncio.timeout(seconds):
                seen = await setting.aim(shooting)
            if seen or time.monotonic() - began > seconds:
                break
        return time.monotonic() - began, seen
    except TimeoutError:
        return seconds, ""
    finally:
        await shooting.stop()


def _tell(progress: Progress, trial: Trial) -> None:
    progress.phase(f"{trial.name}: {trial.outcome} after {trial.seconds:.1f} s  {trial.seen[:160]}")


def _entry(build: Build, trials: Sequence[Trial]) -> dict[str, Any]:
    return {
        "kind": "mutants",
        "is_clean": all(trial.outcome in GOOD or trial.outcome == "not possible" for trial in trials),
        "build": {"commit": build.commit, "fingerprint": build.fingerprint},
        "machine": report.machine(),
        "trials": [[trial.name, trial.what, trial.outcome, round(trial.seconds, 1), trial.seen] for trial in trials],
    }


def _show(trials: Sequence[Trial], build: Build) -> None:
    table = Table("mutant or control", "what", "outcome", "s", "seen", title=f"mutants of {build.commit}")
    for trial in trials:
        outcome = f"[{COLOURS.get(trial.outcome, 'bold red')}]{trial.outcome}[/]"
        table.add_row(trial.name, trial.what, outcome, f"{trial.seconds:.1f}", trial.seen[:120])
    Console().print(table)
