"""The recipes of platforms and systemd: read, and held to commands that exist. Nothing here deploys them."""

import ast
import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from app.cli.main import app
from app.settings import Settings
from tests.emulator.process import ROOT

DEPLOY = ROOT / "scripts/deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
COMMANDS = {command.callback.__name__ for command in app.registered_commands if command.callback}
DRAIN_SECONDS = 15
LARGEST_EXPOSURE = 20
"""In tenths, as `systemd-analyze security` wants it; 10.0 is a service without any bounds."""


def fly() -> dict[str, Any]:
    return tomllib.loads((DEPLOY / "fly.toml").read_text())


def render() -> list[dict[str, Any]]:
    return list(yaml.safe_load((DEPLOY / "render.yaml").read_text())["services"])


def railway(name: str) -> dict[str, Any]:
    return dict(json.loads((DEPLOY / f"{name}.json").read_text()))


def text_of_units() -> str:
    return "\n".join(unit.read_text() for unit in UNITS)


def named_commands() -> Iterator[str]:
    yield from (line.partition(": ")[2] for line in (ROOT / "Procfile").read_text().splitlines())
    yield from fly()["processes"].values()
    yield fly()["deploy"]["release_command"]
    yield from (service[name] for service in render() for name in service if name.endswith("Command"))
    for name in ("railway", "railway-worker"):
        yield railway(name)["deploy"]["startCommand"]
        yield from railway(name)["deploy"].get("preDeployCommand", [])
    yield from re.findall(r"^ExecStart=/opt/darkroom/\.venv/bin/(.*)$", text_of_units(), re.MULTILINE)


@pytest.mark.parametrize("command", sorted(set(named_commands())))
def test_every_command_that_is_named_exists(command: str) -> None:
    program, name = command.split()
    assert program == "darkroom"
    assert name in COMMANDS


def test_all_three_are_named_everywhere() -> None:
    assert sorted(named_commands()) == sorted(["darkroom migrate", "darkroom web", "darkroom worker"] * 5)


def test_everybody_builds_the_one_image() -> None:
    named = [f"scripts/deploy/{fly()['build']['dockerfile']}"]
    named += [service["dockerfilePath"] for service in render()]
    named += [railway(name)["build"]["dockerfilePath"] for name in ("railway", "railway-worker")]
    assert {(ROOT / path).resolve() for path in named} == {DEPLOY / "Dockerfile"}
    assert (DEPLOY / fly()["build"]["ignorefile"]).exists()


def test_everybody_asks_for_health_and_waits_for_what_is_being_answered() -> None:
    assert fly()["http_service"]["checks"][0]["path"] == "/health"
    assert [service.get("healthCheckPath") for service in render()] == ["/health", None]
    assert railway("railway")["deploy"]["healthcheckPath"] == "/health"
    drains = [int(fly()["kill_timeout"].rstrip("s"))]
    drains += [service["maxShutdownDelaySeconds"] for service in render()]
    drains += [railway(name)["deploy"]["drainingSeconds"] for name in ("railway", "railway-worker")]
    drains += [int(seconds) for seconds in re.findall(r"^TimeoutStopSec=(\d+)$", text_of_units(), re.MULTILINE)]
    assert drains == [DRAIN_SECONDS] * 7


def test_only_settings_that_exist_are_set() -> None:
    named = {variable["key"] for service in render() for variable in service["envVars"]} | set(fly()["env"])
    assert {name.lower() for name in named} <= set(Settings.model_fields)


@pytest.fixture
def installed(tmp_path: Path) -> list[str]:
    """The units as they would stand on a server, with this clone for /opt/darkroom."""
    for unit in UNITS:
        name = unit.name.replace("@", "@8000")
        (tmp_path / name).write_text(unit.read_text().replace("/opt/darkroom", str(ROOT)))
    return [str(path) for path in sorted(tmp_path.iterdir())]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
def test_systemd_understands_the_units_and_finds_their_programs(installed: list[str]) -> None:
    said = subprocess.run(["systemd-analyze", "verify", *installed], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
def test_the_units_may_as_little_as_possible(installed: list[str]) -> None:
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={LARGEST_EXPOSURE}", "--no-pager"]
    said = subprocess.run([*command, *installed], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout[-300:]


def test_vercel_is_given_an_entry_point_that_exists() -> None:
    told = json.loads((DEPLOY / "vercel.json").read_text())
    entry = told["builds"][0]["src"]
    assert told["routes"] == [{"src": "/(.*)", "dest": entry}]
    named = {node.id for node in ast.walk(ast.parse((ROOT / entry).read_text())) if isinstance(node, ast.Name)}
    assert "app" in named
