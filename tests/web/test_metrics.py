"""`/metrics`: every process tells the same of the house, and of itself what it alone knows."""

from app.actions.upkeep import fold_tallies
from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, eventually_async, open_house
from tests.web.figures import read_figures
from tests.web.steps import database_of, failed, sold, state

PROVIDER = {"provider": "skytells", "model": "truefusion-pro"}


async def test_a_whole_life_is_counted_once(house: House) -> None:
    made = (await house.create()).json()
    assert (await house.final(made["id"]))["status"] == "succeeded"
    page = await read_figures(house)
    for end in ("created", "succeeded"):
        assert page.sum("darkroom_predictions_total", **PROVIDER, end=end, code="") == 1
    assert page.sum("darkroom_predictions_total") == 2
    for stage in ("queued", "submitting", "storing", "total"):
        assert page.sum("darkroom_stage_seconds_count", provider="skytells", stage=stage) == 1
        assert page.sum("darkroom_stage_seconds_bucket", stage=stage, le="+Inf") == 1
    assert page.sum("darkroom_deliveries_total", verdict="applied") >= 1
    assert page.sum("darkroom_usd_captured_total", **PROVIDER) == page.sum("darkroom_usd_today", what="captured") > 0
    assert page.sum("darkroom_blobs_free_bytes") > 0


async def test_a_failure_is_counted_by_its_code(front: House) -> None:
    made = (await front.create()).json()
    await sold(front, made["id"], "pred_1")
    await failed(front, "pred_1")
    page = await read_figures(front)
    lost = page.families["darkroom_outputs_lost"].samples
    assert [(sample.labels, sample.value) for sample in lost] == [({"provider": "skytells"}, 0)]
    assert page.sum("darkroom_predictions_total", **PROVIDER, end="failed", code="provider_failed") == 1


async def test_two_processes_agree_on_the_house(
    front: House, settings: Settings, fresh_emulator: RunningEmulator
) -> None:
    await front.create()
    async with open_house(settings, fresh_emulator, with_worker=False) as second:
        await second.create()
        first_page, second_page = await read_figures(front), await read_figures(second)
    for page in (first_page, second_page):
        assert page.sum("darkroom_predictions_total", end="created") == 2
    assert second_page.sum("darkroom_requests_total", route="/api/predictions") == 1


async def test_folding_changes_no_figure(front: House) -> None:
    for _ in range(3):
        await front.create()
    before = await read_figures(front)
    async with database_of(front) as database:
        for _ in range(2):
            await fold_tallies(database)
    after = await read_figures(front)
    assert after.sum("darkroom_predictions_total") == before.sum("darkroom_predictions_total") == 3
    (rows,) = await front.rows("SELECT count(*) FROM tallies WHERE name = 'predictions'")
    assert rows["count"] == 1


async def test_deliveries_are_counted_by_verdict(front: House) -> None:
    made = (await front.create()).json()
    await sold(front, made["id"], "pred_1")
    body = {"id": "pred_1", "status": "processing"}
    for _ in range(2):
        await front.deliver(body)
    await front.deliver({"id": "pred_nobody", "status": "processing"})
    await front.deliver(b"[]")
    await front.deliver(body, **{"x-skytells-signature": "sha256=00"})
    page = await read_figures(front)
    for verdict in ("applied", "duplicate", "orphan", "unreadable", "forged"):
        assert page.sum("darkroom_deliveries_total", verdict=verdict) == 1, verdict


async def test_requests_are_counted_by_template_and_strangers_cannot_make_labels(front: House) -> None:
    made = (await front.create()).json()
    await front.client.get(f"/api/predictions/{made['id']}")
    for path in ("/a", "/b", "/api/predictions/x/y/z"):
        await front.client.get(path)
    await front.client.request("PROPFIND", "/health")
    page = await read_figures(front)
    assert page.sum("darkroom_requests_total", route="/api/predictions/{id}", method="GET", status="200") == 1
    assert page.sum("darkroom_requests_total", route="unknown", status="404") == 3
    assert page.sum("darkroom_requests_total", method="other") == 1
    assert page.sum("darkroom_request_seconds_count", route="/api/predictions/{id}") == 1
    routes = {sample.labels["route"] for sample in page.families["darkroom_requests"].samples}
    assert routes == {"/api/predictions", "/api/predictions/{id}", "unknown", "/health"}


async def test_a_worker_is_seen(house: House) -> None:
    async def is_seen() -> bool:
        return (await read_figures(house)).sum("darkroom_worker_silent_seconds") < 60

    await eventually_async(is_seen)


async def test_no_worker_was_ever_seen(front: House) -> None:
    assert (await read_figures(front)).sum("darkroom_worker_silent_seconds") == float("inf")


async def test_an_output_stored_late_is_counted(house: House) -> None:
    """Of the twenty seconds that the provider keeps outputs two are left when its downloads work again."""
    await house.faults(cdn_500={"share": 1, "times": None})
    made = (await house.create()).json()
    await eventually_async(lambda: is_storing(house, made["id"]))
    await house.rows("UPDATE predictions SET deadline_at = now() + interval '22 seconds'")
    begun = await transfers(house)
    await eventually_async(lambda: more_transfers(house, begun))  # whoever tries now knows of the new deadline
    await house.faults()
    assert (await house.final(made["id"]))["status"] == "succeeded"
    assert (await read_figures(house)).sum("darkroom_outputs_urgent_total", provider="skytells") == 1


async def transfers(house: House) -> int:
    return len(await house.rows("SELECT 1 FROM events WHERE kind = 'transfer'"))


async def more_transfers(house: House, than: int) -> bool:
    return await transfers(house) > than


async def is_storing(house: House, prediction_id: str) -> bool:
    return str((await state(house, prediction_id))["stage"]) == "storing"
