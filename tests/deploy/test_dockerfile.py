"""The image's recipe. Its command is run here, on this machine; its steps are replayed by ./scripts/image."""

import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from app.settings import Settings
from tests.deploy import dockerfile
from tests.deploy.processes import BIN, environment_of, is_healthy, running, stop
from tests.emulator.process import ROOT
from tests.ports import free_port

HADOLINT = BIN / "hadolint"
START_SECONDS = 30.0
SECRETS = re.compile(r"(KEY|SECRET|PASSWORD|TOKEN|DATABASE_URL)\S*=", re.IGNORECASE)


@pytest.mark.skipif(not HADOLINT.exists(), reason="no hadolint")
def test_hadolint_has_nothing_to_say() -> None:
    said = subprocess.run([str(HADOLINT), str(dockerfile.FILE)], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (0, "")


def test_bases_are_pinned_by_a_tag() -> None:
    bases = [stage.base for stage in dockerfile.stages()]
    assert len(bases) == 2
    assert all(re.fullmatch(r"python:3\.\d+-slim-[a-z]+", base) for base in bases)


def test_it_runs_as_nobody_in_particular() -> None:
    last = dockerfile.stages()[-1].steps
    assert [each.rest for each in last if each.word == "USER"] == ["10001:10001"]
    assert not [each for each in last if each.word == "COPY" and "chown" in each.flags], "the code is root's"


def test_no_secret_gets_into_a_layer() -> None:
    assert not [each for word in ("ENV", "RUN") for each in dockerfile.all_of(word) if SECRETS.search(each.rest)]
    ignored = dockerfile.IGNORED.read_text().splitlines()
    assert next(line for line in ignored if not line.startswith("#")) == "*"


def test_everything_it_copies_exists_and_is_let_in() -> None:
    let_in = dockerfile.IGNORED.read_text().split()
    from_here = [each.argument.split()[:-1] for each in dockerfile.all_of("COPY") if "from" not in each.flags]
    for source in (path for paths in from_here for path in paths):
        assert (ROOT / source).exists(), source
        assert f"!{source}" in let_in


def test_it_installs_as_scripts_environment_does() -> None:
    here = dockerfile.pip_steps((ROOT / "scripts/environment").read_text())
    assert len(here) == 2
    assert dockerfile.pip_steps("\n".join(each.rest for each in dockerfile.all_of("RUN"))) == here


def test_its_command_serves_its_health_check_sees_it_and_sigterm_ends_it(
    server_settings: Settings, tmp_path: Path
) -> None:
    port, log = free_port(), tmp_path / "web.log"
    environment = environment_of(server_settings, port)
    check = dockerfile.command("HEALTHCHECK")
    assert not _succeeds(check, environment)
    with running(dockerfile.command("CMD"), environment, log) as process:
        assert is_healthy(environment, wait=START_SECONDS), log.read_text()
        assert _succeeds(check, environment)
        answer = httpx.get(f"http://127.0.0.1:{port}/health/ready", trust_env=False)
        assert answer.status_code == 200, answer.text
        stop(process)
    assert not _succeeds(check, environment)


def test_a_health_check_starts_nothing_heavy() -> None:
    program = (ROOT / "scripts/deploy/healthy.py").read_text()
    assert set(re.findall(r"^(?:import|from) ([\w.]+)", program, re.MULTILINE)) == {"http.client", "os", "sys", "time"}


def _succeeds(command: list[str], environment: dict[str, str]) -> bool:
    """Found on the PATH of that environment, as a container would."""
    program = shutil.which(command[0], path=environment["PATH"])
    assert program is not None
    done = subprocess.run([program, *command[1:]], cwd=ROOT, env=environment, capture_output=True, check=False)
    return done.returncode == 0
