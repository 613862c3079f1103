"""`up` as its users meet it: a process with two streams, signals and an exit code."""

import asyncio
import json
import os
import re
import signal
import socket
import stat
import sys
import time
from pathlib import Path

import pytest
from dotenv import dotenv_values

from tests.dev.conftest import ROOT, House
from tests.dev.processes import is_alive, until


async def test_one_line_on_stdout_says_that_it_is_ready(house: House) -> None:
    await house.up()
    await house.ready()
    await house.stop()
    (line,) = house.out
    assert line.startswith(f"ready http://127.0.0.1:{house.port} ")


async def test_what_children_say_is_on_stderr_under_their_names(house: House) -> None:
    await house.up()
    await house.ready()
    await house.stop()
    for role in ("migrate", "emulator", "web", "worker"):
        assert f"{role:<8} │ {role} begins with []" in house.err
    assert "curl" in house.said


async def test_it_says_from_whom_it_buys(house: House) -> None:
    await house.up()
    await house.ready()
    await house.stop()
    assert f"buys from the emulator at http://127.0.0.1:{house.emulator_port}/v1" in house.said


async def test_commands_beside_it_find_its_settings_while_it_is_up(house: House) -> None:
    await house.up()
    await house.ready()
    beside = house.root / "data" / "up.env"
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    told = dotenv_values(beside)
    assert told["SKYTELLS_BASE_URL"] == f"http://127.0.0.1:{house.emulator_port}/v1"
    await house.stop()
    assert not beside.exists()


async def test_nothing_serves_before_the_migration_is_through(house: House) -> None:
    house.tell("migrate", "exit=1")
    await house.up()
    assert await house.ended() == 1
    assert not house.pids("web", "worker", "emulator")
    assert "migrate failed with exit code 1" in house.said
    assert "  migrate has its reasons" in house.said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_stops_everything_in_order(house: House, number: signal.Signals) -> None:
    house.tell("web", "parent")
    await house.up()
    await house.ready()
    assert await house.stop(number) == 0
    assert not house.living()


async def test_an_interrupted_start_leaves_nothing_either(house: House) -> None:
    house.tell("web", "unready")
    await house.up()
    await until(lambda: bool(house.pids("worker")))
    assert await house.stop(signal.SIGINT) == 128 + signal.SIGINT
    assert not house.living()
    assert not house.out


async def test_a_second_ctrl_c_does_not_wait_for_anybody(house: House) -> None:
    house.tell("worker", "deaf")
    await house.up()
    await house.ready()
    await until(lambda: bool(house.pids("worker")))
    house.send(signal.SIGINT)
    await until(lambda: not is_alive(house.pids("web")[-1]))
    await asyncio.sleep(0.4)
    began = time.monotonic()
    assert await house.stop(signal.SIGINT) == 128 + signal.SIGINT
    assert time.monotonic() - began < 10
    assert not house.living()


async def test_ctrl_c_that_arrives_twice_at_once_is_one(house: House) -> None:
    await house.up()
    await house.ready()
    house.send(signal.SIGINT)
    house.send(signal.SIGINT)
    assert await house.ended() == 0


async def test_when_it_is_killed_its_children_go_with_it(house: House) -> None:
    house.tell("worker", "deaf")
    await house.up()
    await house.ready()
    await until(lambda: bool(house.pids("worker")))
    house.send(signal.SIGKILL)
    await house.ended()
    await until(lambda: not house.living())


async def test_the_next_one_takes_over_right_after_a_kill(house: House) -> None:
    await house.up(postgres=True)
    await house.ready()
    postmaster = house.postmaster()
    house.send(signal.SIGKILL)
    await house.ended()
    house.out.clear()
    await house.up(postgres=True)
    await house.ready()
    assert not is_alive(postmaster)
    assert await house.stop() == 0
    assert not house.living()


async def test_a_child_that_dies_is_started_again(house: House) -> None:
    await house.up()
    await house.ready()
    await until(lambda: bool(house.pids("worker")))
    (first,) = house.pids("worker")
    os.kill(first, signal.SIGKILL)
    await until(lambda: len(house.pids("worker")) == 2)
    assert await house.stop() == 0
    assert "worker was killed by SIGKILL; starting it again" in house.said


async def test_what_a_dead_child_left_running_is_gone_before_the_next_one_starts(house: House) -> None:
    house.tell("worker", "parent")
    await house.up()
    await house.ready()
    await until(lambda: bool(house.pids("grandchild")))
    os.kill(house.pids("worker")[0], signal.SIGKILL)
    await until(lambda: len(house.pids("grandchild")) == 2)
    assert not is_alive(house.pids("grandchild")[0])
    await house.stop()


async def test_five_deaths_in_a_minute_are_enough(house: House) -> None:
    house.tell("worker", "exit=3")
    await house.up()
    assert await house.ended() == 1
    assert len(house.pids("worker")) == 5
    assert "worker died 5 times within a minute, the last time it ended with exit code 3" in house.said
    assert "  worker has its reasons" in house.said
    assert not house.living()


@pytest.mark.parametrize("role", ["web", "worker"])
async def test_refused_settings_are_not_tried_twice(house: House, role: str) -> None:
    house.tell(role, "exit=2")
    await house.up()
    assert await house.ended() == 1
    assert len(house.pids(role)) == 1
    assert f"{role} refuses to run with these settings" in house.said
    assert f"  {role} has its reasons" in house.said


@pytest.mark.parametrize("setting", ["PORT", "EMULATOR_PORT"])
async def test_a_taken_port_is_named_with_the_setting_that_moves_it(house: House, setting: str) -> None:
    port = house.port if setting == "PORT" else house.emulator_port
    with socket.create_server(("127.0.0.1", port)):
        await house.up()
        assert await house.ended() == 2
    assert re.search(rf"port {port} .* {setting}=\d+ \./scripts/up", house.said)
    assert not house.pids()


async def test_postgres_comes_up_first_and_goes_down_last(house: House) -> None:
    await house.up(postgres=True)
    await house.ready()
    postmaster = house.postmaster()
    assert house.env("web")["DATABASE_URL"].startswith("postgresql://darkroom@/darkroom?host=/")
    assert await house.stop() == 0
    assert not is_alive(postmaster)


async def test_a_killed_postgres_is_back_soon_and_web_rides_it_out(house: House) -> None:
    await house.up(postgres=True)
    await house.ready()
    first = house.postmaster()
    os.kill(first, signal.SIGKILL)
    await until(lambda: house.postmaster() not in (first, house.process and house.process.pid))
    await until(lambda: "postgres was killed by SIGKILL; starting it again" in house.said)
    assert len(house.pids("web")) == 1
    assert await house.stop() == 0


async def test_killing_it_takes_postgres_along(house: House) -> None:
    await house.up(postgres=True)
    await house.ready()
    postmaster = house.postmaster()
    house.send(signal.SIGKILL)
    await house.ended()
    await until(lambda: not is_alive(postmaster))


async def test_a_second_one_on_the_same_data_is_refused_in_words(house: House) -> None:
    await house.up(postgres=True)
    await house.ready()
    other = House(house.root)
    await other.up(postgres=True)
    assert await other.ended() == 1
    assert "in use by another Darkroom" in other.said
    assert len(house.living()) == 3
    assert await house.stop() == 0


async def test_readers_that_leave_do_not_matter(house: House) -> None:
    house.tell("worker", "chatty")
    shell = "exec {python} -m tests.dev.house {root} {streams}"
    for streams in (">&- 2>&-", ">/dev/full 2>/dev/full", "> >(true) 2> >(true)"):
        command = shell.format(python=sys.executable, root=house.root, streams=streams)
        house.process = await asyncio.create_subprocess_exec(
            *("bash", "-c", command), cwd=ROOT, env=house.environment(), start_new_session=True
        )
        await _serves(house)
        assert await house.stop() in (0, 130)  # nobody can say whether it was ready
        assert not house.living()


async def test_readers_that_stop_reading_do_not_matter(house: House) -> None:
    house.tell("worker", "chatty")
    house.process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.dev.house", str(house.root)),
        stderr=asyncio.subprocess.PIPE,  # nobody ever reads it
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env=house.environment(),
        limit=1024,
    )
    assert house.process.stdout
    line = await asyncio.wait_for(house.process.stdout.readline(), 60)
    assert line.startswith(b"ready http://")
    await until((house.root / "all-said").exists)
    house.send(signal.SIGINT)
    assert house.process.stderr
    reading = asyncio.create_task(house.process.stderr.read())
    assert await house.ended() == 0
    assert b"lines, which nobody read in time" in await reading


async def test_the_demo_prints_its_prediction_and_nothing_else(house: House) -> None:
    await house.up("--demo", "a red fox")
    assert await house.ended() == 0
    assert json.loads("\n".join(house.out))["output"] == ["http://x/ä.png"]
    asked = house.asked()
    assert asked["body"] == {"model": "truefusion-pro", "input": {"prompt": "a red fox"}}
    assert asked["headers"]["prefer"] == "wait=60"
    assert asked["headers"]["idempotency-key"]
    assert "prediction p1: starting, queued" in house.said
    assert "prediction p1: succeeded, done" in house.said
    assert not house.living()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("failing", "the prediction is failed: content_filtered the provider refused it"),
        ("refused", "422 content_refused: not this one"),
        ("locked", "DARKROOM_API_KEY"),
        ("slow", "not final after 1 s"),
    ],
)
async def test_a_demo_that_does_not_succeed_says_why(house: House, words: str, reason: str) -> None:
    house.tell("demo", words)
    await house.up("--demo", "a red fox", "--demo-seconds", "1")
    assert await house.ended() == 1
    assert reason in house.said
    assert not house.living()


async def test_the_demo_uses_the_key_that_it_is_given(house: House) -> None:
    house.tell("demo", "locked")
    await house.up("--demo", "a red fox", DARKROOM_API_KEY="dk_x")
    assert await house.ended() == 0
    assert house.asked()["headers"]["authorization"] == "Bearer dk_x"


async def test_live_without_a_key_does_not_start(house: House) -> None:
    await house.up("--live")
    assert await house.ended() == 2
    assert "SKYTELLS_API_KEY" in house.said
    assert not house.pids()


async def test_live_runs_without_emulator_and_says_that_it_costs(house: House) -> None:
    await house.up("--live", SKYTELLS_API_KEY="sk-mine")
    await house.ready()
    assert await house.stop() == 0
    assert not house.pids("emulator")
    assert "with your key (this costs money)" in house.said
    assert "results are asked for" in house.said
    assert house.env("web")["SKYTELLS_WEBHOOK_SECRET"] == "sk-mine"
    assert "sk-mine" not in house.said


async def test_settings_come_from_dotenv_too(house: House) -> None:
    (house.root / ".env").write_text("SKYTELLS_BASE_URL=http://127.0.0.1:9/v1\nSKYTELLS_API_KEY=\n")
    await house.up()
    await house.ready()
    assert await house.stop() == 0
    assert not house.pids("emulator")


async def _serves(house: House) -> None:
    def is_open() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", house.port)) == 0

    await until(is_open)
    await until(lambda: bool(house.pids("worker")))
    (house.root / "web.pids").unlink(missing_ok=True)


async def test_help_teaches(house: House) -> None:
    await house.up("--help")
    assert await house.ended() == 0
    text = "\n".join(house.out)
    for word in ("--demo", "--live", "--tunnel", "PORT", "DARKROOM_DATA", "ready http://"):
        assert word in text


def test_the_script_only_leads_there() -> None:
    lines = (ROOT / "scripts" / "up").read_text().splitlines()
    assert lines[-1] == 'exec .venv/bin/python -m scripts.dev "$@"'
    assert os.access(Path(ROOT) / "scripts" / "up", os.X_OK)
