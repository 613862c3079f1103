"""The operations under their names: each a create in the model's own words, refused before anything is bought."""

from typing import Any

import pytest

from tests.house import House
from tests.web.problems import assert_nothing_made, assert_problem
from tests.web.steps import key_for

IMAGE, MASK = "https://pictures.example/fox.png", "https://pictures.example/mask.png"


async def finished(house: House, **fields: Any) -> dict[str, Any]:
    body = {"model": "truefusion-pro", "input": {"prompt": "a fox", "seed": 7}} | fields
    made: dict[str, Any] = (await house.client.post("/api/predictions", json=body)).json()
    await house.rows(
        "UPDATE predictions SET status = 'succeeded', stage = 'done', work = NULL WHERE id = $1", made["id"]
    )
    return made


FORMS: dict[str, tuple[str, dict[str, Any], str, dict[str, Any]]] = {
    "img2img with the cheapest that can": (
        "img2img",
        {"prompt": "a", "image": IMAGE},
        "truefusion-2.0",
        {"prompt": "a", "image": IMAGE},
    ),
    "img2img with a model of one's own": (
        "img2img",
        {"prompt": "a", "image": IMAGE, "model": "skytells/FLUX.2-pro"},
        "FLUX.2-pro",
        {"prompt": "a", "image": IMAGE},
    ),
    "inpaint": (
        "inpaint",
        {"prompt": "a", "image": IMAGE, "mask": MASK, "strength": 0.5, "steps": 20},
        "truefusion-2.0",
        {"prompt": "a", "image": IMAGE, "mask": MASK, "strength": 0.5, "num_inference_steps": 20},
    ),
    "generate by its pictures": (
        "generate",
        {"prompt": "a", "image": IMAGE, "mask": MASK, "model": "FLUX.2-pro"},
        "FLUX.2-pro",
        {"prompt": "a", "image": IMAGE, "mask": MASK},
    ),
    "generate by its name": (
        "generate",
        {"prompt": "a", "image": IMAGE, "operation": "img2img"},
        "truefusion-2.0",
        {"prompt": "a", "image": IMAGE},
    ),
    "generate in a model's words": (
        "generate",
        {"prompt": "a", "model": "truefusion", "num_outputs": 2, "width": 1600, "height": 900},
        "truefusion",
        {"prompt": "a", "number_of_images": 2, "aspect_ratio": "16:9"},
    ),
    "generate with another's words": (
        "generate",
        {"prompt": "a", "guidance_scale": 4.5, "num_images": 2, "size": "512x768"},
        "truefusion-pro",
        {"prompt": "a", "guidance": 4.5, "num_outputs": 2, "width": 512, "height": 768},
    ),
}


@pytest.mark.parametrize("name", FORMS)
async def test_a_form_becomes_the_model_s_own_input(standing: House, name: str) -> None:
    route, form, model, expected = FORMS[name]
    answer = await standing.client.post(f"/api/{route}", json=form)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["model"], answer.json()["input"]) == (model, expected)


async def test_what_could_only_be_come_near_to_is_told_and_kept(standing: House) -> None:
    form = {"prompt": "a", "model": "truefusion", "width": 1000, "height": 600}
    made = (await standing.client.post("/api/generate", json=form)).json()
    assert made["input"]["aspect_ratio"] == "16:9"
    read = (await standing.client.get(f"/api/predictions/{made['id']}")).json()
    text = "16:9 is the nearest that truefusion has to 1000x600"
    assert read["adjusted"] == [{"field": name, "message": text} for name in ("width", "height")]


WRONG: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "img2img without an image": ("img2img", {"prompt": "a"}, "invalid_request", "image"),
    "inpaint without a mask": ("inpaint", {"prompt": "a", "image": IMAGE}, "invalid_request", "mask"),
    "inpaint by name without a mask": (
        "generate",
        {"prompt": "a", "image": IMAGE, "operation": "inpaint"},
        "invalid_request",
        "mask",
    ),
    "a model that cannot": (
        "img2img",
        {"prompt": "a", "image": IMAGE, "model": "truefusion-pro"},
        "operation_unsupported",
        "model",
    ),
    "what nobody can": ("upscale", {"image": IMAGE, "scale": 2}, "operation_unsupported", "model"),
    "a picture said twice": (
        "img2img",
        {"prompt": "a", "image": IMAGE, "image_url": IMAGE},
        "invalid_request",
        "input.image_url",
    ),
    "a shape that it has not": (
        "generate",
        {"prompt": "a", "model": "truefusion", "width": 256, "height": 2048},
        "invalid_request",
        "input.width",
    ),
    "too many, in our words": (
        "generate",
        {"prompt": "a", "model": "truefusion", "num_outputs": 9},
        "invalid_request",
        "input.num_outputs",
    ),
    "a field that it has not": (
        "generate",
        {"prompt": "a", "model": "truefusion", "negative_prompt": "b"},
        "invalid_request",
        "input.negative_prompt",
    ),
    "an operation that is no word": ("generate", {"prompt": "a", "operation": "Do it"}, "invalid_request", "operation"),
    "variations of nothing": ("generate", {"prompt": "a", "operation": "variations"}, "invalid_request", "operation"),
    "a slip of the model's name": ("generate", {"prompt": "a", "model": "truefusoin"}, "unknown_model", "model"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_cannot_be_done_is_refused_unbought(refusing: House, name: str) -> None:
    route, form, code, field = WRONG[name]
    assert_problem(await refusing.client.post(f"/api/{route}", json=form), 422, code, field)
    await assert_nothing_made(refusing)


async def test_a_refusal_names_who_can(refusing: House) -> None:
    form = {"prompt": "a", "image": IMAGE, "model": "truefusion-pro"}
    told = assert_problem(await refusing.client.post("/api/img2img", json=form), 422, "operation_unsupported")["detail"]
    assert told.index("skytells/truefusion-2.0 (0.04 USD per image)") < told.index("skytells/FLUX.2-pro (0.06 USD")


async def test_a_create_and_a_batch_take_a_model_under_its_provider_s_name(standing: House) -> None:
    create = {"model": "skytells/truefusion", "input": {"prompt": "a"}}
    made = (await standing.client.post("/api/predictions", json=create)).json()
    batch = (await standing.client.post("/api/batches", json={"predictions": [create]})).json()
    for each in (made, batch["predictions"][0]):
        assert (each["provider"], each["model"]) == ("skytells", "truefusion")


async def test_the_same_key_gives_the_same_whatever_was_chosen(front: House) -> None:
    form, key = {"prompt": "a", "image": IMAGE}, {"Idempotency-Key": "redraw-1"}
    first, second = [await front.client.post("/api/img2img", json=form, headers=key) for _ in range(2)]
    assert first.json()["id"] == second.json()["id"]
    assert_problem(await front.client.post("/api/upscale", json=form, headers=key), 422, "idempotency_conflict")


async def test_a_variation_is_the_same_with_another_seed(front: House) -> None:
    source = await finished(front)
    answer = await front.client.post(f"/api/predictions/{source['id']}/variations", json={})
    made = answer.json()
    assert (answer.status_code, made["variation_of"], source["variation_of"]) == (201, source["id"], None)
    assert answer.headers["location"] == made["urls"]["get"]
    assert made["client_token"].startswith("ct_")
    assert made["input"]["seed"] != 7
    assert made["input"] | {"seed": 7} == source["input"]
    assert made["cost"]["held"] == "0.03"


async def test_several_variations_are_a_batch_of_different_seeds(front: House) -> None:
    source = await finished(front)
    answer = await front.client.post(f"/api/predictions/{source['id']}/variations", json={"num": 4})
    batch = answer.json()
    assert answer.headers["location"].endswith(f"/api/batches/{batch['id']}")
    assert len({each["input"]["seed"] for each in batch["predictions"]} - {7}) == 4
    assert {each["variation_of"] for each in batch["predictions"]} == {source["id"]}


async def test_variations_of_a_seed_begin_with_it(front: House) -> None:
    source = await finished(front)
    body = {"num": 2, "seed": 100, "metadata": {"try": 2}}
    batch = (await front.client.post(f"/api/predictions/{source['id']}/variations", json=body)).json()
    assert [each["input"]["seed"] for each in batch["predictions"]] == [100, 101]
    assert batch["predictions"][0]["metadata"] == {"try": 2}


@pytest.mark.parametrize("num", [1, 3])
async def test_the_same_key_draws_once(front: House, num: int) -> None:
    path = f"/api/predictions/{(await finished(front))['id']}/variations"
    key = {"Idempotency-Key": f"draw-{num}"}
    first, second = [await front.client.post(path, json={"num": num}, headers=key) for _ in range(2)]
    assert first.json() == second.json()
    other = await front.client.post(path, json={"num": num, "seed": 3}, headers=key)
    assert_problem(other, 422, "idempotency_conflict")
    assert (await front.rows("SELECT count(*) AS made FROM predictions"))[0]["made"] == num + 1


async def test_what_cannot_be_varied_is_refused(front: House) -> None:
    async def vary(prediction_id: str, body: dict[str, Any], **headers: str) -> Any:
        return await front.client.post(f"/api/predictions/{prediction_id}/variations", json=body, headers=headers)

    unfinished = (await front.create()).json()["id"]
    assert_problem(await vary(unfinished, {}), 409, "prediction_unfinished")
    seedless = (await finished(front, model="truefusion", input={"prompt": "a"}))["id"]
    assert_problem(await vary(seedless, {}), 422, "operation_unsupported", "model")
    source = (await finished(front))["id"]
    assert_problem(await vary(source, {"num": 9}), 422, "invalid_request", "num")
    assert_problem(await vary(source, {"seed": -1}), 422, "invalid_request", "seed")
    assert_problem(await vary("01a1fd34-2f0b-7aa2-a03f-c56d5fb32749", {}), 404, "prediction_not_found")
    stranger = await key_for(front)
    assert_problem(await vary(source, {}, Authorization=f"Bearer {stranger}"), 404, "prediction_not_found")
    assert (await front.rows("SELECT count(*) AS made FROM predictions"))[0]["made"] == 3
