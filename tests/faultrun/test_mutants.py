"""The mutants fit the code as it is, each has an aim, and what strace says is read rightly."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts.faultrun import clock
from scripts.faultrun.builds import make_build
from scripts.faultrun.mutants.aims import AIMS
from scripts.faultrun.mutants.catalogue import MUTANTS, Mutant
from scripts.faultrun.mutants.traces import NotPossible, unsynced
from scripts.faultrun.order import ROOT


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_fits_the_code(mutant: Mutant, tmp_path: Path) -> None:
    """If not: find its texts in `scripts/faultrun/mutants/catalogue.py` again, where the code has moved."""
    build = make_build(ROOT, tmp_path / "build", mutant.edits)
    for edit in mutant.edits:
        compile((build.folder / edit.path).read_text(), edit.path, "exec")


def test_there_are_at_least_ten_each_with_an_aim_and_no_aim_without_a_mutant() -> None:
    assert len(MUTANTS) >= 10
    assert {mutant.aim for mutant in MUTANTS} == set(AIMS)
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


SYNC = "17 fsync(12</b/.incoming/k.png.1f>) = 0\n"
RENAME = '17 rename("/b/.incoming/k.png.1f", "/b/kk/k.png") = 0\n'


def test_a_file_that_is_synced_first_is_right(tmp_path: Path) -> None:
    (tmp_path / "trace").write_text(SYNC + RENAME)
    assert unsynced(tmp_path / "trace") == ""


@pytest.mark.parametrize("trace", [RENAME, RENAME + SYNC, SYNC.replace("1f", "2f") + RENAME])
def test_a_file_that_is_not_is_named(tmp_path: Path, trace: str) -> None:
    (tmp_path / "trace").write_text(trace)
    assert unsynced(tmp_path / "trace").startswith("k.png.1f")


def test_a_trace_without_a_file_proves_nothing(tmp_path: Path) -> None:
    (tmp_path / "trace").write_text("")
    with pytest.raises(NotPossible):
        unsynced(tmp_path / "trace")


def test_a_clock_that_runs_ahead_does_so_in_its_process_alone(tmp_path: Path) -> None:
    environment = clock.ahead(tmp_path / "clock", "/nowhere")
    command = [sys.executable, "-c", "import time; print(time.time())"]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert float(said.stdout) - time.time() == pytest.approx(90, abs=5)
