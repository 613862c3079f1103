"""Every route has an example in curl, Python and JavaScript, and every example runs and ends as the document says."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app.settings import Settings
from app.web.openapi import document
from app.web.samples import FIELD
from app.web.samples.literals import JSON, PYTHON, literal
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.providers.stability.picture_server import picture_server
from tests.providers.stability.samples import KEY as STABILITY_KEY
from tests.web.samples.stage import FOX, Stage, set_stage

HERE = Path(__file__).parent
URL = "https://darkroom.example"
RUNNERS = {
    "curl": ("sh", "bash", HERE / "run.sh"),
    "Python": ("py", sys.executable, HERE / "run.py"),
    "JavaScript": ("mjs", "node", HERE / "run.mjs"),
}
PATIENCE = 180

Operation = tuple[str, str, dict[str, Any]]


def operations(found: dict[str, Any]) -> list[Operation]:
    return [(method, path, told) for path, methods in found["paths"].items() for method, told in methods.items()]


OPERATIONS = operations(document(URL))
NAMES = [told["operationId"] for _, _, told in OPERATIONS]


def sources(told: dict[str, Any]) -> dict[str, str]:
    return {each["label"]: each["source"] for each in told[FIELD]}


@pytest.mark.parametrize(("method", "path", "told"), OPERATIONS, ids=NAMES)
def test_every_operation_has_all_that_an_example_needs(method: str, path: str, told: dict[str, Any]) -> None:
    """A parameter that has to be there, and a body, say what they look like."""
    assert set(sources(told)) == set(RUNNERS)
    assert all("example" in each for each in told["parameters"] if each["required"] and each["in"] == "path")
    content = told.get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None and "example" not in content:
        schema = document(URL)["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
        assert schema.get("examples"), schema["title"]


def status_of(told: dict[str, Any]) -> str:
    return next(str(status) for status in told["responses"] if status.startswith("2"))


@pytest.fixture(scope="module")
def tools() -> None:
    missing = [tool for tool in ("curl", "openssl", "node") if shutil.which(tool) is None]
    if missing:
        reason = f"{', '.join(missing)} is not installed"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


@pytest.fixture
async def whole(settings: Settings, fresh_emulator: RunningEmulator) -> AsyncIterator[House]:
    """With the inspector, which development alone has, and with somebody who can make pictures larger."""
    async with picture_server() as stability:
        more = {
            "environment": "development",
            "auth_required": True,
            "stability_api_key": SecretStr(STABILITY_KEY),
            "stability_base_url": stability.url,
        }
        async with open_house(settings.model_copy(update=more), fresh_emulator) as opened:
            yield opened


@pytest.mark.usefixtures("tools")
async def test_every_example_runs_and_ends_as_the_document_says(whole: House, tmp_path: Path) -> None:
    found = operations((await whole.client.get("/openapi.json")).json())
    stage = await set_stage(whole)
    for name in RUNNERS:
        await written(tmp_path / name, name, found, stage)
    await asyncio.gather(*(ran(name, tmp_path / name, stage) for name in RUNNERS))
    expected = {f"{told['operationId']} in {name}": status_of(told) for _, _, told in found for name in RUNNERS}
    seen = {
        f"{told['operationId']} in {name}": status_seen(tmp_path / name, told)
        for _, _, told in found
        for name in RUNNERS
    }
    assert seen == expected


async def written(folder: Path, name: str, found: list[Operation], stage: Stage) -> None:
    """Each as the service tells it, with ids that exist there."""
    folder.mkdir()
    (folder / "fox.png").write_bytes(FOX)
    for number, (_, _, told) in enumerate(found):
        source = sources(told)[name]
        for example, here in (await stage.of(told["operationId"])).items():
            source = source.replace(example, here)
        kind = ".endless" if told["operationId"] == "live" else ""
        (folder / f"{number:03}-{told['operationId']}{kind}.{RUNNERS[name][0]}").write_text(source)


async def ran(name: str, folder: Path, stage: Stage) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "DARKROOM_KEY": stage.key,
        "SKYTELLS_WEBHOOK_SECRET": stage.house.emulator.secret,
    }
    _, program, script = RUNNERS[name]
    started = await asyncio.create_subprocess_exec(
        program, str(script), str(folder), env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    assert await asyncio.wait_for(started.wait(), PATIENCE) == 0


def status_seen(folder: Path, told: dict[str, Any]) -> str:
    """The status alone, or all that it said if it went otherwise."""
    (file,) = folder.glob(f"*-{told['operationId']}.*seen")
    lines = file.read_text().split("\n")
    went_well = lines[1:] in ([], ["0", ""], ["28", ""])
    return lines[0] if went_well else file.read_text()


HARD = {
    "text": 'it\'s "$HOME" `id` \\n 狐\n🦊',
    "none": None,
    "yes": True,
    "list": [1.5, {"a": "b" * 90}],
    "{secret}": [],
}


def test_whatever_an_example_says_is_written_down_truly() -> None:
    assert eval(literal(HARD, PYTHON)) == HARD
    assert json.loads(literal(HARD, JSON)) == HARD
