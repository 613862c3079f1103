"""npm `replicate` 1.4.0, as it is published, against our face: every call of it that we can answer."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.faces import ann, apart, node_told
from tests.clients.test_npm_client import node
from tests.emulator.receiver import Receiver
from tests.house import House
from tests.storage.pictures import encoded


@pytest.fixture
async def seen(house: House, tmp_path: Path) -> AsyncIterator[dict[str, Any]]:
    """What its whole round saw, with the webhooks that came of it."""
    await apart(node)
    picture, receiver = tmp_path / "fox.png", Receiver()
    picture.write_bytes(encoded("PNG"))
    told = await node_told("replicate_face.mjs", face_of(house), await ann(house), str(picture), receiver.url)
    yield told | {"deliveries": await receiver.got(1), "bought": len(await house.ledger())}
    receiver.close()


def face_of(house: House) -> str:
    return f"http://127.0.0.1:{house.settings.port}/replicate/v1"


async def test_every_call_that_can_be_answered_is(seen: dict[str, Any]) -> None:
    _predictions(seen)
    _models(seen)
    _files(seen)
    _refusals(seen)
    assert (seen["account"], seen["hardware"]) == ("ann", [])
    assert seen["bought"] == 7
    await _webhooks(seen)


def _predictions(seen: dict[str, Any]) -> None:
    assert [len(seen[name]) for name in ("ran", "polled", "pinned", "worked")] == [2, 1, 1, 1]
    assert set(seen["moments"]) == {"succeeded"}
    assert (seen["created"], seen["waited"], seen["got"]) == ("starting", "succeeded", 1)
    assert (seen["byVersion"], seen["canceledLate"]) == ("succeeded", "succeeded")
    assert seen["paginated"] == [seen["listed"]] == [5]
    assert [event for event, _ in seen["streamed"]] == ["output", "done"]
    assert seen["streamed"][0][1].startswith("http")


def _models(seen: dict[str, Any]) -> None:
    assert "skytells/truefusion-pro" in seen["models"]
    assert seen["versions"] == [seen["version"]]
    assert seen["searched"] == ["truefusion-video"]


def _files(seen: dict[str, Any]) -> None:
    assert (seen["sent"]["metadata"], seen["sent"]["content_type"]) == ({"by": "ann"}, "image/png")
    assert (seen["file"], seen["files"], seen["deleted"], seen["uploaded"]) == (seen["sent"]["id"], 1, True, 1)
    assert seen["noPicture"]["status"] == 422


def _refusals(seen: dict[str, Any]) -> None:
    assert (seen["misfit"]["name"], seen["misfit"]["status"]) == ("ApiError", 422)
    assert "input.width: must be at least 256" in seen["misfit"]["said"]
    assert [seen[name]["status"] for name in ("unknown", "wrongKey", "collections")] == [404, 401, 404]
    assert seen["leaky"]["status"] == 422
    assert "dk_" not in seen["leaky"]["said"]


async def _webhooks(seen: dict[str, Any]) -> None:
    (delivery,) = seen["deliveries"]
    sent = json.dumps({"headers": delivery.headers, "body": delivery.body.decode()})
    believed = await node_told("replicate_webhook.mjs", sent, seen["secret"])
    assert believed == {"believed": True, "believedSpoiled": False}
    assert delivery.status == "succeeded"
