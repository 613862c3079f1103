"""The small rooms that run something: a child, a canary, a folder, the report, the command line."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.faultrun import report
from scripts.faultrun.__main__ import main
from scripts.faultrun.builds import Build
from scripts.faultrun.canary import Canary
from scripts.faultrun.checks import judge
from scripts.faultrun.evidence import Moment
from scripts.faultrun.folders import temporary_folder
from scripts.faultrun.gather import read_logs
from scripts.faultrun.journals import delivered, named
from scripts.faultrun.order import ROOT
from scripts.faultrun.plants import Plants
from scripts.faultrun.ports import CANARY_HOST
from scripts.faultrun.processes import Process
from scripts.faultrun.taps import Exchange
from tests.faultrun.evidences import NOW, row, well

SLEEPER = (sys.executable, "-c", "import time; print('here', flush=True); time.sleep(60)")


async def test_a_child_is_killed_frozen_and_started_again(tmp_path: Path) -> None:
    child = Process("sleeper", SLEEPER, dict(os.environ), tmp_path, tmp_path / "log")
    await child.start()
    assert child.send(signal.SIGSTOP)
    await child.kill()
    assert (child.is_running, child.exit_code, child.pid) == (False, -signal.SIGKILL, None)
    await child.start()
    assert (child.starts, await child.end(5)) == (2, True)


def test_children_die_with_us(tmp_path: Path) -> None:
    script = f"""
import asyncio, os
from pathlib import Path
from scripts.faultrun.processes import Process
async def main():
    child = Process("sleeper", {SLEEPER!r}, dict(os.environ), Path("."), Path({str(tmp_path / "log")!r}))
    await child.start()
    print(child.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    for _ in range(200):
        if not (Path("/proc") / str(child)).exists():
            return
        os.sched_yield()
        subprocess.run(["sleep", "0.02"], check=True)
    raise AssertionError("the child outlived us")


async def test_the_canary_counts_who_calls() -> None:
    canary = Canary()
    await canary.start()
    reader, writer = await asyncio.open_connection(CANARY_HOST, canary.port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    await reader.read()
    writer.close()
    await canary.stop()
    assert canary.calls == [b"GET / HTTP/1.1\r\n\r\n"]


def test_a_folder_goes_at_its_end_and_one_that_was_abandoned_at_the_next_start() -> None:
    with temporary_folder() as folder:
        (folder / "file").write_text("")
    assert not folder.exists()
    abandoned = folder.with_name(folder.name + "-abandoned")
    abandoned.mkdir()
    (abandoned / "lock").write_text("")
    with temporary_folder() as one, temporary_folder() as two:
        assert one.exists()
        assert two.exists()
        assert not abandoned.exists()


def test_logs_are_searched_for_tracebacks_and_secrets(tmp_path: Path) -> None:
    plants = Plants.fresh(1)
    broke = {
        "event": "it broke 12",
        "exception": 'Traceback (most recent call last):\n  File "/b/app/x.py", line 3, in f\nOops: no',
    }
    lines = [json.dumps(broke), json.dumps({"event": f"asked with {plants.api_key}"}), "fine"]
    (tmp_path / "web-1.log").write_text("\n".join(lines))
    (tmp_path / "emulator.log").write_text(plants.api_key)
    (tmp_path / "postgres.log").write_text("ERROR: deadlock detected\nLOG: process 1 still waiting for ShareLock\n")
    logs = read_logs(tmp_path, plants)
    assert logs.tracebacks == {"it broke N: Oops: no (app/x.py:3 f)": 1}
    assert (logs.lines, len(logs.secrets), logs.deadlocks, logs.lock_waits) == (3, 1, 1, 1)


def test_reports_grow_and_can_be_gone_on_with(tmp_path: Path) -> None:
    path, evidence = tmp_path / "build" / "torture.json", well()
    entry = report.entry(evidence, judge(evidence), Build(tmp_path, "f", "c"), 1.0)
    report.append(path, entry, keep=True)
    report.append(path, {**entry, "seed": 2}, keep=True)
    assert [run["seed"] for run in report.read(path)] == [1, 2]
    assert report.read(path)[0]["is_clean"]
    report.append(path, entry, keep=False)
    assert len(report.read(path)) == 1
    path.write_text("{")
    assert report.read(path) == []


def test_a_prediction_that_a_failed_check_names_explains_itself() -> None:
    evidence = well()
    evidence.rows[1] = row(1, status="failed", failure="output_lost")
    evidence.stories[2].ids.append("row-9")
    verdicts = judge(evidence)
    assert [each.id for each in named(verdicts, evidence)] == ["row-1", "row-2"]
    evidence.journals["row-1"] = [Moment(NOW + number / 10, f"looked {number}") for number in range(60)]
    checks = report.entry(evidence, verdicts, Build(Path(), "f", "c"), 1.0)["checks"]
    (story,) = [each["around"]["row-1"] for each in checks if each["check"] == "E14"]
    assert story[:2] == ["+0.00 s: looked 0", "+0.00 s: ledger: hold held +0.03 captured +0"]
    assert "+1.00 s: KILL web-1 for 1.00 s" in story
    assert "+5.90 s: looked 59" in story
    assert len(story) == report.MOST_MOMENTS + 1


def test_what_was_delivered_is_told_with_its_answer() -> None:
    body = b'{"id": "sold-1", "status": "succeeded"}'
    passed = [
        Exchange("POST", "/api/webhooks/skytells", {}, body, NOW + at, status) for at, status in ((2, 503), (1, None))
    ]
    told = [(moment.at - NOW, moment.what) for moment in delivered(row(1), passed)]
    assert told == [(2, "delivery of 'succeeded' answered 503"), (1, "delivery of 'succeeded' answered nothing")]
    assert list(delivered(row(2), passed)) == []


def test_seeds_that_are_in_the_report_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "torture.json"
    for seed, is_clean in ((1, True), (2, False)):
        report.append(path, {"kind": "run", "minutes": 2.0, "seed": seed, "is_clean": is_clean}, keep=True)
    assert main(["--resume", "--seeds", "1", "--json", str(path)]) == 0
    assert main(["--resume", "--seeds", "1-2", "--json", str(path)]) == 1


@pytest.mark.parametrize("flags", [["--minutes", "0"], ["--seeds", "x"], ["--sweep", "--share", "2"]])
def test_impossible_wishes_are_refused(flags: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(flags)
