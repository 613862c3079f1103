"""The story the product exists for: a create ends in a picture in our own storage."""

import hashlib

from tests.house import House


async def test_a_prediction_ends_as_a_picture_in_our_storage(house: House) -> None:
    created = await house.create("a lighthouse at night")
    assert created.status_code == 201
    prediction = created.json()
    assert prediction["status"] == "starting"
    assert created.headers["location"] == prediction["urls"]["get"]

    final = await house.final(prediction["id"])

    assert (final["status"], final["stage"], final["error"]) == ("succeeded", "done", None)
    (file,) = final["files"]
    assert final["output"] == [file["url"]]
    picture = await house.client.get(file["url"])
    assert picture.headers["content-type"] == "image/png"
    assert len(picture.content) == file["bytes"]
    assert hashlib.sha256(picture.content).hexdigest() == file["sha256"]
    assert (file["width"], file["height"]) == (1024, 1024)
