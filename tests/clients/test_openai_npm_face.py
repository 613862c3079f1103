"""npm `openai` 6.49.0, as it is published, against our own face of OpenAI's Images API."""

import asyncio
import json
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from tests.clients.test_npm_client import HERE, node
from tests.house import House
from tests.web.steps import key_for


async def lived(house: House, folder: Path) -> Any:
    await asyncio.to_thread(node)
    picture, mask = folder / "fox.png", folder / "mask.png"
    picture.write_bytes(_png((0, 0, 0, 255)))
    mask.write_bytes(_png((0, 0, 0, 0)))
    arguments = (f"{house.client.base_url}/openai/v1", await key_for(house), str(picture), str(mask))
    started = await asyncio.create_subprocess_exec("node", "openai.mjs", *arguments, cwd=HERE, stdout=-1, stderr=-1)
    said, complained = await asyncio.wait_for(started.communicate(), 60)
    assert started.returncode == 0, complained.decode()
    return json.loads(said)


def _png(colour: tuple[int, int, int, int]) -> bytes:
    into = BytesIO()
    Image.new("RGBA", (32, 32), colour).save(into, "PNG")
    return into.getvalue()


async def test_every_call_that_we_can_answer(house: House, tmp_path: Path) -> None:
    seen = await lived(house, tmp_path)
    assert "truefusion-pro" in seen["models"]
    assert seen["one"] == {"id": "truefusion-pro", "object": "model", "created": 0, "owned_by": "skytells"}
    assert [each["start"] for each in seen["generated"]] == ["iVBORw"] * 2
    assert (await house.client.get(seen["generated"][0]["url"])).status_code == 200
    assert [set(each) for each in seen["edited"]] == [{"url"}]
    assert seen["varied"] == 2
    assert [each["type"] for each in seen["streamed"]] == ["image_generation.completed"]
    assert [each["type"] for each in seen["editedInStream"]] == ["image_edit.completed"]

    unfit = {"name": "BadRequestError", "status": 400, "type": "invalid_request_error"}
    gone = {"name": "NotFoundError", "status": 404, "type": "invalid_request_error"}
    assert seen["unknown"] == gone | {"code": "model_not_found", "param": "model"}
    assert seen["unfit"] == unfit | {"code": "invalid_request", "param": "n"}
    assert seen["refused"] == unfit | {"code": "content_policy_violation", "param": "prompt"}
    assert seen["twoPictures"] == unfit | {"code": "invalid_request", "param": "image"}
    assert (seen["wrongKey"]["name"], seen["wrongKey"]["code"]) == ("AuthenticationError", "invalid_api_key")
