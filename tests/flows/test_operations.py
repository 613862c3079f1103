"""Operations as they are bought: the provider gets its own words, and pictures come back."""

from tests.house import House

IMAGE = "https://pictures.example/fox.png"


async def test_a_picture_after_a_picture_ends_stored(house: House) -> None:
    made = await house.client.post("/api/img2img", json={"prompt": "in winter", "image": IMAGE, "strength": 0.4})
    final = await house.final(made.json()["id"])
    assert (final["status"], final["model"]) == ("succeeded", "truefusion-2.0")
    assert final["input"] == {"prompt": "in winter", "image": IMAGE, "strength": 0.4}
    assert [sold["model"] for sold in await house.ledger()] == ["truefusion-2.0"]


async def test_variations_are_other_pictures(house: House) -> None:
    source = await house.final((await house.create()).json()["id"])
    batch = (await house.client.post(f"/api/predictions/{source['id']}/variations", json={"num": 2})).json()
    finals = [await house.final(each["id"]) for each in batch["predictions"]]
    assert {each["status"] for each in finals} == {"succeeded"}
    assert {each["variation_of"] for each in finals} == {source["id"]}
    assert len({each["files"][0]["sha256"] for each in (source, *finals)}) == 3
    assert len(await house.ledger()) == 3
