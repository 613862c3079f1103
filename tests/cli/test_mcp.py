"""`darkroom mcp` with the official client, over standard input and output, against a whole house."""

import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters, stdio_client
from mcp.types import CallToolResult, ImageContent, ResourceLink, TextContent

from app.domain.caller import Budgets, Scope
from app.mcp.words import CURES
from app.web.errors import TITLES
from tests.cli.test_commands import DARKROOM, darkroom
from tests.emulator.process import ROOT
from tests.house import House
from tests.ports import free_port
from tests.storage.pictures import opened
from tests.web.steps import key_for

READS = {"quote", "get_prediction", "list_predictions", "list_models", "get_costs"}
TOOLS = READS | {"create_prediction", "cancel_prediction"}


@asynccontextmanager
async def assistant(url: str, key: str = "") -> AsyncIterator[Client]:
    environment = {"DARKROOM_URL": url, "DARKROOM_KEY": key, "PYTHONPATH": str(ROOT), "LOG_LEVEL": "DEBUG"}
    server = StdioServerParameters(command=str(DARKROOM), args=["mcp"], env=environment, cwd="/")
    async with Client(stdio_client(server)) as client:
        yield client


@asynccontextmanager
async def assisted(house: House, **granted: Any) -> AsyncIterator[Client]:
    async with assistant(str(house.client.base_url), await key_for(house, **granted)) as client:
        yield client


def text(answer: CallToolResult) -> str:
    (said,) = [each.text for each in answer.content if isinstance(each, TextContent)]
    return said


def told(answer: CallToolResult) -> dict[str, Any]:
    assert answer.structured_content is not None
    return dict(answer.structured_content)


async def test_it_offers_its_tools_and_says_which_of_them_change_something(front: House) -> None:
    async with assisted(front) as client:
        tools = (await client.list_tools()).tools
        assert "never order it again" in str(client.instructions)
    assert {tool.name for tool in tools} == TOOLS
    assert {tool.name for tool in tools if tool.annotations and tool.annotations.read_only_hint} == READS
    for tool in tools:
        assert tool.description
        assert all("description" in each for each in tool.input_schema["properties"].values())


async def test_a_picture_is_made_and_shown(house: House) -> None:
    stages: list[str | None] = []

    async def heard(progress: float, total: float | None, message: str | None) -> None:
        stages.append(message)

    async with assisted(house) as client:
        wishes = {"prompt": "a red fox", "options": {"num_outputs": 2}}
        assert told(await client.call_tool("quote", wishes))["price"] == "0.06"
        made = await client.call_tool("create_prediction", wishes, progress_callback=heard)
    assert not made.is_error
    assert text(made).startswith("succeeded: truefusion-pro at skytells, 0.06 USD")
    links = [each for each in made.content if isinstance(each, ResourceLink)]
    assert [each.uri for each in links] == told(made)["output"]
    assert [each.mime_type for each in links] == ["image/png"] * 2
    shown = [each for each in made.content if isinstance(each, ImageContent)]
    assert {opened(base64.b64decode(each.data)).format for each in shown} == {"WEBP"}
    assert told(made)["status"] == "succeeded"
    assert "client_token" not in told(made)
    assert "queued" in stages


async def test_what_takes_longer_is_looked_up_and_canceled(house: House) -> None:
    await house.dialect(duration=600)
    async with assisted(house) as client:
        made = await client.call_tool("create_prediction", {"prompt": "a red fox", "wait": 0})
        assert "Call get_prediction with this id" in text(made)
        prediction_id = told(made)["id"]
        seen = await client.call_tool("get_prediction", {"prediction_id": prediction_id, "wait": 0.2})
        assert told(seen)["status"] in ("starting", "processing")
        ended = await client.call_tool("cancel_prediction", {"prediction_id": prediction_id})
        assert told(ended)["stage"] in ("canceling", "done")
        last = await client.call_tool("get_prediction", {"prediction_id": prediction_id, "wait": 60})
        assert text(last).startswith("canceled: ")
        again = await client.call_tool("cancel_prediction", {"prediction_id": prediction_id})
        assert (again.is_error, told(again)["code"]) == (True, "already_finished")


async def test_lists_models_and_costs(house: House) -> None:
    async with assisted(house) as client:
        assert text(await client.call_tool("list_predictions", {})) == "There are none."
        for prompt in ("a red fox", "a hare", "an owl"):
            await client.call_tool("create_prediction", {"prompt": prompt, "pictures": False})
        page = await client.call_tool("list_predictions", {"limit": 2, "status": "succeeded"})
        assert [each["input"]["prompt"] for each in told(page)["data"]] == ["an owl", "a hare"]
        rest = await client.call_tool("list_predictions", {"limit": 2, "cursor": told(page)["next"]})
        assert "'a red fox' http" in text(rest)
        models = await client.call_tool("list_models", {"operation": "img2img"})
        assert "skytells/truefusion-2.0 (image: generate, img2img" in text(models)
        assert all("input_schema" not in each for each in told(models)["data"])
        one = await client.call_tool("list_models", {"model": "skytells/flux-pro"})
        assert told(one)["data"][0]["input_schema"]["properties"]["guidance"]["maximum"] == 20
        costs = await client.call_tool("get_costs", {"days": 1})
        assert "Today 0.09 USD, held 0 USD, ever 0.09 USD." in text(costs)
        assert told(costs)["today"] == "0.09"


async def test_a_call_whose_answer_was_lost_is_bought_once(house: House) -> None:
    wishes = {"prompt": "a red fox", "idempotency_key": "order-17", "wait": 20}
    async with assisted(house) as client:
        first = await client.call_tool("create_prediction", wishes)
        again = await client.call_tool("create_prediction", wishes)
        other = await client.call_tool("create_prediction", {"prompt": "a red fox"})
        assert told(first)["id"] == told(again)["id"] != told(other)["id"]
        assert told(other)["idempotency_key"].startswith("mcp-")
        changed = await client.call_tool("create_prediction", wishes | {"prompt": "a hare"})
        assert (changed.is_error, told(changed)["code"]) == (True, "idempotency_conflict")
    assert len(await house.ledger()) == 2


async def test_what_is_refused_has_its_code_and_the_cure(front: House) -> None:
    async with assisted(front) as client:
        bad = await client.call_tool("create_prediction", {"prompt": "a fox", "options": {"width": 7}})
        assert bad.is_error
        assert text(bad).startswith("invalid_request: ")
        assert "input.width: " in text(bad)
        assert text(bad).endswith(CURES["invalid_request"])
        assert told(bad)["errors"][0]["field"] == "input.width"
        nobody = await client.call_tool("get_prediction", {"prediction_id": "0" * 8 + "-0000" * 3 + "-" + "0" * 12})
        assert told(nobody)["code"] == "prediction_not_found"
        odd = await client.call_tool("get_prediction", {"prediction_id": "../costs"})
        assert odd.is_error


async def test_the_key_s_scopes_and_budgets_hold(front: House) -> None:
    async with assisted(front, scopes=frozenset({Scope.READ})) as client:
        refused = await client.call_tool("create_prediction", {"prompt": "a fox"})
        assert told(refused)["code"] == "forbidden_scope"
    async with assisted(front, budgets=Budgets(daily=Decimal("0.05"))) as client:
        codes = [(await client.call_tool("create_prediction", {"prompt": "a fox", "wait": 0})) for _ in range(2)]
        assert [each.is_error for each in codes] == [False, True]
        assert "Retry after" in text(codes[1])
        assert "it does not fit" in text(await client.call_tool("quote", {"prompt": "a fox"})).lower()
    async with assistant(str(front.client.base_url), "dk_wrong") as client:
        assert told(await client.call_tool("get_costs", {}))["code"] == "unauthenticated"


async def test_where_nobody_answers_it_says_how_to_go_on(front: House) -> None:
    async with assistant(f"http://127.0.0.1:{free_port()}") as client:
        unheard = await client.call_tool("create_prediction", {"prompt": "a fox"})
        assert told(unheard)["code"] == "away"
        assert f"idempotency_key={told(unheard)['idempotency_key']!r}" in text(unheard)
        assert text(await client.call_tool("get_costs", {})).endswith(CURES["away"])


def test_every_cure_is_of_a_code_that_exists() -> None:
    assert set(CURES) - {"away"} <= set(TITLES)


async def test_without_the_extra_it_says_how_to_install_it(front: House, tmp_path: Path) -> None:
    (tmp_path / "mcp.py").write_text("raise ModuleNotFoundError('No module named mcp', name='mcp')")
    path = os.pathsep.join((str(tmp_path), str(ROOT)))
    ended = await darkroom(front, "mcp", PYTHONPATH=path)
    assert (ended.code, ended.out) == (2, "")
    assert "pip install 'darkroom[mcp]'" in ended.err
