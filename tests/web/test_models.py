"""What can be asked of whom."""

from decimal import Decimal

from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.web.problems import assert_problem

DEFAULT = {"provider": "skytells", "model": "truefusion-pro"}


async def test_a_model_tells_all_that_is_needed_to_ask_it(standing: House) -> None:
    told = (await standing.client.get("/api/models")).json()
    assert told["unavailable"] == []
    (found,) = [each for each in told["data"] if each["model"] == "truefusion-2.0"]
    assert found["operations"] == ["generate", "img2img", "inpaint", "variations"]
    assert (found["provider"], found["kind"], found["offline"]) == ("skytells", "image", False)
    assert found["price"] == {"amount": "0.04", "currency": "USD", "unit": "image"}
    assert Decimal(found["example_cost"]) == Decimal("0.04")
    assert found["output_lifetime"] > 0
    assert "prompt" in found["input_schema"]["properties"]


async def test_the_list_can_be_narrowed(standing: House) -> None:
    able = (await standing.client.get("/api/models?operation=inpaint&provider=skytells")).json()["data"]
    assert {each["model"] for each in able} == {"truefusion-2.0", "FLUX.2-pro"}
    assert (await standing.client.get("/api/models?operation=dance")).json()["data"] == []
    assert_problem(await standing.client.get("/api/models?provider=nobody"), 422, "unknown_provider", "provider")
    assert_problem(await standing.client.get("/api/models?kind=image"), 422, "invalid_request", "kind")


async def test_the_default_is_told(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    other = settings.model_copy(update={"default_model": "flux-pro"})
    async with open_house(other, fresh_emulator, with_worker=False) as front:
        told = (await front.client.get("/api/models?operation=inpaint")).json()
        assert told["default"] == DEFAULT | {"model": "flux-pro"}
        made = (await front.client.post("/api/generate", json={"prompt": "a fox"})).json()
        assert {name: made[name] for name in DEFAULT} == told["default"]


async def test_one_model_alone(standing: House) -> None:
    found = await standing.client.get("/api/models/skytells/FLUX.2-pro")
    assert (found.status_code, found.json()["model"]) == (200, "FLUX.2-pro")
    for path in ("/api/models/skytells/fal-ai/flux/dev", "/api/models/nobody/flux"):
        assert_problem(await standing.client.get(path), 404, "model_not_found")


async def test_a_provider_without_a_list_is_told(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    away = settings.model_copy(update={"skytells_base_url": "http://127.0.0.1:1/v1"})
    async with open_house(away, fresh_emulator, with_worker=False) as front:
        told = await front.client.get("/api/models")
        assert (told.status_code, told.json()) == (200, {"data": [], "default": DEFAULT, "unavailable": ["skytells"]})
        one = await front.client.get("/api/models/skytells/truefusion-pro")
        assert_problem(one, 503, "model_list_unavailable")


async def test_the_usual_time_is_what_ours_took(front: House) -> None:
    for seconds in (3.0, 4.0, 50.0):
        made = (await front.create()).json()
        await front.rows(
            "UPDATE predictions SET status = 'succeeded', stage = 'done', predict_time = $2 WHERE id = $1",
            made["id"],
            seconds,
        )
    told = (await front.client.get("/api/models")).json()["data"]
    usual = {each["model"]: each["usual_seconds"] for each in told}
    assert (usual["truefusion-pro"], usual["truefusion"]) == (4.0, None)
