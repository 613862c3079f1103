"""npm `skytells` 1.0.0, as it is published, against our own face of Skytells: the same life as at the emulator."""

import asyncio
import json
from typing import Any

from tests.clients.test_npm_client import HERE, node
from tests.house import House


async def lived(house: House) -> Any:
    await asyncio.to_thread(node)
    started = await asyncio.create_subprocess_exec(
        "node", "npm_client.mjs", f"{house.client.base_url}/skytells/v1", "", cwd=HERE, stdout=-1, stderr=-1
    )
    said, complained = await asyncio.wait_for(started.communicate(), 60)
    assert started.returncode == 0, complained.decode()
    return json.loads(said)


async def test_one_life_of_a_prediction(house: House) -> None:
    await house.dialect(duration=1)
    seen = await lived(house)
    assert "truefusion-pro" in seen["models"]
    assert seen["created"]["status"] == "pending"
    assert seen["awaited"]["status"] == seen["ended"]["status"] == seen["streamed"]["status"] == "succeeded"
    picture = await house.client.get(seen["awaited"]["output"][0])
    assert picture.content.startswith(b"\x89PNG")
    assert seen["cancelled"]["status"] == "cancelled"
    assert seen["deleted"]["id"] == seen["created"]["id"]
    assert seen["gone"] == {"id": "RESOURCE_NOT_FOUND", "status": 404}
    assert seen["unknownModel"] == {"id": "MODEL_NOT_FOUND", "status": 404}
    assert seen["wrongKey"] == {"id": "UNAUTHORIZED", "status": 401}
