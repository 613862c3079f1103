"""`/client.js`, as it is served, in Node against a whole house. In a browser: tests/browser/test_client_module.py."""

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.house import House
from tests.storage.pictures import encoded

HERE = Path(__file__).parent


@pytest.fixture
def node() -> None:
    if shutil.which("node") is None:
        reason = "node is not installed"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


@pytest.fixture
async def module(house: House, tmp_path: Path) -> Path:
    """The module as the service serves it."""
    answer = await house.client.get("/client.js")
    assert answer.status_code == 200
    place = tmp_path / "client.mjs"
    place.write_bytes(answer.content)
    return place


async def told(script: str, module: Path, *arguments: str) -> dict[str, Any]:
    started = await asyncio.create_subprocess_exec(
        "node", str(HERE / script), str(module), *arguments, stdout=-1, stderr=-1
    )
    said, complained = await asyncio.wait_for(started.communicate(), 90)
    assert started.returncode == 0, complained.decode()
    return dict(json.loads(said))


@pytest.mark.usefixtures("node")
async def test_it_does_all_that_a_frontend_needs(house: House, module: Path, tmp_path: Path) -> None:
    picture = tmp_path / "fox.png"
    picture.write_bytes(encoded("PNG"))
    seen = await told("module.mjs", module, str(house.client.base_url), str(picture))
    assert seen["again"] == seen["created"]["id"]
    assert seen["waited"]["status"] == "succeeded"
    assert seen["waited"]["output"][0].startswith("http")
    assert seen["changes"][-1] == seen["streamed"][-1] == "succeeded"
    assert len(seen["ran"]) == 1
    assert len(seen["generated"]) == 2
    assert seen["batch"] == 2
    assert seen["uploaded"]["id"].startswith("file_")
    assert seen["changed"] == "succeeded"
    assert seen["page"] == 2
    assert seen["all"] == 6
    assert seen["aborted"] == "enough"
    assert seen["isFinal"] == [True, False]


@pytest.mark.usefixtures("node")
async def test_a_token_reads_its_own_and_errors_have_types(house: House, module: Path, tmp_path: Path) -> None:
    picture = tmp_path / "fox.png"
    picture.write_bytes(encoded("PNG"))
    seen = await told("module.mjs", module, str(house.client.base_url), str(picture))
    assert seen["byToken"] == "succeeded"
    assert seen["streamedByToken"] == 1
    assert (seen["notByToken"]["name"], seen["notByToken"]["status"]) == ("Problem", 401)
    assert (seen["refused"]["code"], seen["refused"]["status"]) == ("invalid_request", 422)
    assert seen["refused"]["errors"][0]["field"] == "input.width"
    assert seen["unknown"]["code"] == "prediction_not_found"
    assert seen["away"]["code"] == "away"
    assert seen["wrongKey"]["code"] == "unauthenticated"


@pytest.mark.usefixtures("node")
async def test_it_waits_through_trouble(house: House, module: Path) -> None:
    await house.dialect(duration=60)
    seen = await told("troubled.mjs", module, str(house.client.base_url))
    assert seen["late"]["code"] == "wait_timed_out"
    assert seen["canceled"] == "canceled"
    assert seen["asked"] > 3
    assert seen["failed"] == {"name": "PredictionFailed", "code": "canceled", "status": "canceled"}
    assert seen["withoutStreams"] == ["canceled"]


@pytest.mark.parametrize("path", ["/client.js", "/client.d.ts"])
async def test_other_origins_may_import_it(front: House, path: str) -> None:
    answer = await front.client.get(path, headers={"Origin": "https://app.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = await front.client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_every_name_of_the_module_has_a_type(front: House) -> None:
    module = (await front.client.get("/client.js")).text
    types = (await front.client.get("/client.d.ts")).text
    for kind in ("class", "function", "const"):
        for line in module.splitlines():
            if line.startswith(f"export {kind} "):
                name = line.removeprefix(f"export {kind} ").split(" ")[0].split("(")[0]
                assert f" {name}" in types, name
