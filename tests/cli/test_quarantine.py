"""`darkroom quarantine`: what a prediction made is hidden at once, kept, and can be shown again."""

import json

from tests.cli.test_commands import darkroom
from tests.house import House

NOBODY = "00000000-0000-7000-8000-000000000000"


async def made(house: House) -> tuple[str, str]:
    """A stored prediction's id, and its output's path."""
    final = await house.final((await house.create()).json()["id"])
    (output,) = final["output"]
    return final["id"], "/files/" + output.rpartition("/")[2]


async def test_hidden_outputs_are_served_and_linked_no_more(house: House) -> None:
    prediction_id, path = await made(house)
    before = await house.client.get(f"/api/predictions/{prediction_id}")
    tag = {"If-None-Match": (await house.client.get(path)).headers["etag"]}
    assert json.loads((await darkroom(house, "quarantine", prediction_id, "--json")).out)["quarantined"] == 1
    for answer in (await house.client.get(path), await house.client.get(path, headers=tag)):
        assert (answer.status_code, answer.json()["code"]) == (404, "file_not_found")
    after = await house.client.get(
        f"/api/predictions/{prediction_id}", headers={"If-None-Match": before.headers["etag"]}
    )
    assert (after.status_code, after.json()["status"], after.json()["output"]) == (200, "succeeded", [])
    (file,) = after.json()["files"]
    assert (file["state"], file["url"]) == ("quarantined", None)


async def test_what_is_hidden_is_kept_and_can_be_shown_again(house: House) -> None:
    prediction_id, path = await made(house)
    content = (await house.client.get(path)).content
    await darkroom(house, "quarantine", prediction_id)
    ended = await darkroom(house, "quarantine", prediction_id, "--release")
    assert (ended.code, ended.err.strip()) == (0, "1 file is shown again")
    assert (await house.client.get(path)).content == content
    story = (await darkroom(house, "receipt", prediction_id)).out
    assert "quarantined" in story and "released" in story


async def test_twice_hidden_is_once_hidden(house: House) -> None:
    prediction_id, path = await made(house)
    counts = [
        json.loads((await darkroom(house, "quarantine", prediction_id, "--json")).out)["quarantined"] for _ in range(2)
    ]
    assert counts == [1, 0]
    await darkroom(house, "quarantine", prediction_id, "--release")
    assert (await house.client.get(path)).status_code == 200


async def test_what_is_hidden_can_still_be_deleted(house: House) -> None:
    prediction_id, _ = await made(house)
    await darkroom(house, "quarantine", prediction_id)
    assert (await house.client.delete(f"/api/predictions/{prediction_id}")).status_code == 200


async def test_nobody_s_outputs_cannot_be_hidden(front: House) -> None:
    ended = await darkroom(front, "quarantine", NOBODY)
    assert (ended.code, ended.err.strip()) == (1, "There is no such prediction.")
