"""The server itself, with everything that has been seen to happen to one."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from app.embedded import (
    EmbeddedPostgres,
    EmbeddedPostgresError,
    FolderInUse,
    FolderUnusable,
    StartFailed,
    url,
)
from app.embedded.identity import as_nobody
from app.embedded.lifeline import Watchdog
from tests.dev.processes import is_alive, until

FAST = {"fsync": "off"}
IN_MEMORY = Path("/dev/shm")


def new_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="dk", dir=IN_MEMORY if IN_MEMORY.is_dir() else "/tmp"))


@pytest.fixture
def empty() -> Iterator[Path]:
    folder = new_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
async def shared() -> AsyncIterator[EmbeddedPostgres]:
    """A server that nobody harms."""
    folder = new_folder()
    server = EmbeddedPostgres(folder)
    await server.start()
    yield server
    await server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
async def made() -> AsyncIterator[Path]:
    """A cluster that was stopped in order, for `data` to copy: making one takes longer than most tests."""
    folder = new_folder()
    server = EmbeddedPostgres(folder, settings=FAST)
    await server.start()
    await server.stop()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data(made: Path, empty: Path) -> Path:
    shutil.copytree(made / "pg18", empty / "pg18")
    return empty


@pytest.fixture
async def postgres(data: Path) -> AsyncIterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(data, settings=FAST)
    await server.start()
    yield server
    await server.stop()


def pid_of(server: EmbeddedPostgres) -> int:
    assert server.process is not None
    return server.process.pid


async def ask(address: str, statement: str) -> object:
    connection = await asyncpg.connect(address)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_it_answers_at_the_address_that_anybody_can_compute(postgres: EmbeddedPostgres, data: Path) -> None:
    assert await ask(url(data), "SELECT current_database() || current_user") == "darkroomdarkroom"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("listen_addresses", ""),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("timezone", "UTC"),
        ("fsync", "on"),
    ],
)
async def test_it_is_set_up_as_promised(shared: EmbeddedPostgres, setting: str, value: str) -> None:
    assert await ask(shared.url, f"SHOW {setting}") == value


async def test_only_its_owner_may_enter_the_socket_folder(shared: EmbeddedPostgres) -> None:
    assert (shared.data / "run").stat().st_mode & 0o777 == 0o700


async def test_what_was_committed_survives_a_killed_postmaster(data: Path) -> None:
    server = EmbeddedPostgres(data)
    await server.start()
    connection = await asyncpg.connect(server.url)
    await connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    os.kill(pid_of(server), signal.SIGKILL)
    assert await server.wait() == -signal.SIGKILL
    await server.start()
    assert await ask(server.url, "SELECT count(*) FROM kept") == 1000
    await connection.close(timeout=1)
    await server.stop()


async def test_it_waits_for_backends_that_outlive_their_postmaster(postgres: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(postgres.url)
    backend = await connection.fetchval("SELECT pg_backend_pid()")
    os.kill(backend, signal.SIGSTOP)
    os.kill(pid_of(postgres), signal.SIGKILL)
    await postgres.wait()
    again = asyncio.create_task(postgres.start())
    await asyncio.wait([again], timeout=0.5)
    assert not again.done()
    os.kill(backend, signal.SIGCONT)
    await asyncio.wait_for(again, 60)
    connection.terminate()
    assert await ask(postgres.url, "SELECT 1") == 1


async def test_stopping_ends_it_even_with_clients_inside(data: Path) -> None:
    server = EmbeddedPostgres(data, settings=FAST)
    await server.start()
    connection = await asyncpg.connect(server.url)
    pid = pid_of(server)
    await asyncio.wait_for(server.stop(), 60)
    assert not is_alive(pid)
    connection.terminate()


async def test_the_next_start_finds_the_rows(postgres: EmbeddedPostgres) -> None:
    await ask(postgres.url, "CREATE TABLE kept AS SELECT 7 AS number")
    await postgres.stop()
    await postgres.start()
    assert await ask(postgres.url, "SELECT number FROM kept") == 7


async def test_a_second_one_on_the_same_folder_is_refused_and_harms_nothing(shared: EmbeddedPostgres) -> None:
    with pytest.raises(FolderInUse, match="another Darkroom"):
        await EmbeddedPostgres(shared.data, settings=FAST).start()
    assert await ask(shared.url, "SELECT 1") == 1


@pytest.mark.parametrize("who", ["us", "init", "a garbled file", "an empty file"])
async def test_a_leftover_pid_file_neither_stops_nor_fools_it(postgres: EmbeddedPostgres, data: Path, who: str) -> None:
    await postgres.stop()
    folder = data / "pg18"
    rest = f"\n{folder}\n1700000000\n5432\n{data}/run\n\n  5432001    999999\nready   \n"
    content = {
        "us": f"{os.getpid()}{rest}",
        "init": f"1{rest}",
        "a garbled file": "\0\0\0\0",
        "an empty file": "",
    }
    (folder / "postmaster.pid").write_text(content[who])
    (data / "run" / ".s.PGSQL.5432.lock").write_text(content["init"])
    await asyncio.wait_for(postgres.start(), 60)
    assert await ask(postgres.url, "SELECT 1") == 1


async def test_an_initdb_that_was_killed_heals(empty: Path) -> None:
    unfinished = empty / "pg18.making-abc"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    server = EmbeddedPostgres(empty, settings=FAST)
    await server.start()
    await server.stop()
    assert not unfinished.exists()


async def test_a_start_given_up_in_the_middle_leaves_nothing_and_works_next_time(empty: Path) -> None:
    for moment in (0.05, 0.2, 0.4, 0.6):
        server = EmbeddedPostgres(empty, settings=FAST)
        start = asyncio.create_task(server.start())
        await asyncio.wait([start], timeout=moment)
        start.cancel()
        await asyncio.gather(start, return_exceptions=True)
        await server.stop()
        assert server.process is None or not is_alive(server.process.pid)
    server = EmbeddedPostgres(empty, settings=FAST)
    await server.start()
    await server.stop()
    assert not [name for name in os.listdir(empty) if "making" in name]  # noqa: PTH208


async def test_a_folder_without_version_is_left_alone(empty: Path) -> None:
    (empty / "pg18").mkdir()
    (empty / "pg18" / "precious").write_text("mine")
    with pytest.raises(FolderUnusable, match="no PG_VERSION"):
        await EmbeddedPostgres(empty, settings=FAST).start()
    assert (empty / "pg18" / "precious").read_text() == "mine"


async def test_a_start_that_fails_quotes_postgres(data: Path) -> None:
    with pytest.raises(StartFailed, match=r"(?s)did not start.*no_such_setting"):
        await EmbeddedPostgres(data, settings={"no_such_setting": "1"}).start()


async def test_a_failed_start_lets_go_of_the_folder(data: Path) -> None:
    with pytest.raises(EmbeddedPostgresError):
        await EmbeddedPostgres(data, settings={"no_such_setting": "1"}).start()
    server = EmbeddedPostgres(data, settings=FAST)
    await server.start()
    await server.stop()


async def test_a_folder_with_a_long_name_is_served_from_a_short_place() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / ("long" * 30) / "a folder, with signs 'and' \"quotes\""
        server = EmbeddedPostgres(data, settings=FAST)
        await server.start()
        assert await ask(url(data), "SELECT 1") == 1
        await server.stop()
        shutil.rmtree(Path(server.url.partition("host=")[2].partition("&")[0]))


async def test_routine_lines_are_kept_to_itself_and_trouble_is_told(data: Path) -> None:
    told: list[str] = []
    server = EmbeddedPostgres(data, settings=FAST, tell=told.append)
    await server.start()
    with pytest.raises(asyncpg.PostgresError):
        await ask(server.url, "SELECT no_such_column")
    await server.stop()
    assert any("no_such_column" in line for line in told)
    assert not any("ready to accept" in line for line in told)
    assert any("shut down" in line for line in server.tail)


LAUNCHER = """
import asyncio, sys
from pathlib import Path
from app.embedded import EmbeddedPostgres

async def main():
    server = EmbeddedPostgres(Path(sys.argv[1]), settings={"fsync": "off"})
    await server.start()
    print(server.process.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def launch(data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", LAUNCHER, str(data)], stdout=subprocess.PIPE, text=True)


async def test_it_goes_when_its_launcher_is_killed_and_the_next_one_takes_over(data: Path) -> None:
    with launch(data) as launcher:
        assert launcher.stdout is not None
        pid = int(await asyncio.to_thread(launcher.stdout.readline))
        await ask(url(data), "CREATE TABLE kept AS SELECT 7 AS number")
        launcher.kill()
    server = EmbeddedPostgres(data, settings=FAST)
    await asyncio.wait_for(server.start(), 60)
    assert not is_alive(pid)
    assert await ask(server.url, "SELECT number FROM kept") == 7
    await server.stop()


async def test_a_first_start_killed_at_any_moment_heals(
    empty: Path,
) -> None:
    for moment in (0.3, 0.5, 0.7, 0.9):
        with launch(empty) as launcher:
            await asyncio.sleep(moment)
            launcher.kill()
    server = EmbeddedPostgres(empty, settings=FAST)
    await asyncio.wait_for(server.start(), 60)
    assert await ask(server.url, "SELECT 1") == 1
    await server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
async def test_root_without_user_namespaces_becomes_nobody_and_root_again(data: Path) -> None:
    data.chmod(0o755)
    server = EmbeddedPostgres(data, settings=FAST, identity=as_nobody())
    await server.start()
    assert os.stat(f"/proc/{pid_of(server)}").st_uid == as_nobody().uid  # noqa: PTH116
    await server.stop()
    as_ourselves = EmbeddedPostgres(data, settings=FAST)
    await as_ourselves.start()
    assert await ask(as_ourselves.url, "SELECT 1") == 1
    await as_ourselves.stop()


PARENT_WITH_WATCHDOG = """
import signal, subprocess, sys
from app.embedded.lifeline import Watchdog

child = subprocess.Popen(["sleep", "600"])
watchdog = Watchdog(child.pid, signal.SIGKILL)
print(child.pid, flush=True)
sys.stdin.read()
"""


async def test_where_the_kernel_does_not_help_a_watchdog_does() -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT_WITH_WATCHDOG), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert is_alive(pid)
    parent.kill()
    await parent.communicate()
    await until(lambda: not is_alive(pid))


async def test_a_dismissed_watchdog_bites_nobody() -> None:
    child = await asyncio.create_subprocess_exec("sleep", "600")
    Watchdog(child.pid, signal.SIGKILL).dismiss()
    await asyncio.wait([asyncio.ensure_future(child.wait())], timeout=0.2)
    assert child.returncode is None
    child.kill()
    await child.wait()
