"""The disk-space watch: a full disk is noticed before it is full."""

from collections.abc import AsyncIterator

import pytest
import structlog

from app.actions.disk_space import Space
from app.domain.errors import StorageFull
from app.settings import Settings
from app.storage.errors import StorageUnavailable
from app.storage.port import Room
from app.storage.pulse import Pulse
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.web.figures import read_figures
from tests.web.problems import assert_problem

MORE_THAN_ANY_DISK = 10**12


@pytest.fixture
async def full(settings: Settings, fresh_emulator: RunningEmulator) -> AsyncIterator[House]:
    """Wants a million terabytes to stay free."""
    reserved = settings.model_copy(update={"disk_reserve_mb": MORE_THAN_ANY_DISK})
    async with open_house(reserved, fresh_emulator) as opened:
        yield opened


async def test_nothing_new_is_held_or_bought(full: House) -> None:
    bodies = {
        "/api/predictions": {"model": "truefusion-pro", "input": {"prompt": "a"}},
        "/api/generate": {"prompt": "a"},
        "/api/batches": {"predictions": [{"model": "truefusion-pro", "input": {"prompt": "a"}}]},
    }
    for path, body in bodies.items():
        answer = await full.client.post(path, json=body)
        assert assert_problem(answer, 503, "storage_full")["retry_after"] == 60
        assert answer.headers["retry-after"] == "60"
    assert await full.rows("SELECT * FROM predictions") == await full.rows("SELECT * FROM ledger") == []
    assert await full.ledger() == []


async def test_readiness_turns_red_and_the_figures_tell_why(full: House) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = await full.client.get("/health/ready")
        await full.client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["blobs"].startswith("nearly full (")
    assert [line["event"] for line in lines].count("storage nearly full") == 1
    page = await read_figures(full)
    assert page.sum("darkroom_blobs_free_bytes") < page.sum("darkroom_blobs_reserve_bytes")


async def test_running_work_goes_on_and_a_replay_still_answers(
    settings: Settings, fresh_emulator: RunningEmulator
) -> None:
    async with open_house(settings, fresh_emulator, with_worker=False) as before:
        made = (await before.create(**{"Idempotency-Key": "order-1"})).json()
    reserved = settings.model_copy(update={"disk_reserve_mb": MORE_THAN_ANY_DISK})
    async with open_house(reserved, fresh_emulator) as full:
        assert (await full.final(made["id"]))["status"] == "succeeded"
        assert (await full.create(**{"Idempotency-Key": "order-1"})).json()["id"] == made["id"]


async def test_a_reserve_of_nothing_watches_nothing(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    unwatched = settings.model_copy(update={"disk_reserve_mb": 0})
    async with open_house(unwatched, fresh_emulator, with_worker=False) as opened:
        assert (await opened.create()).status_code == 201


class Disk:
    """A store that only answers how it is; one for every probe."""

    def __init__(self, *answers: Room | StorageUnavailable) -> None:
        self._answers = list(answers)

    async def probe(self) -> Room:
        answer = self._answers.pop(0)
        if isinstance(answer, StorageUnavailable):
            raise answer
        return answer


def space_of(*answers: Room | StorageUnavailable) -> Space:
    steps = iter(range(0, 1000, 100))
    return Space(Pulse(Disk(*answers), good_seconds=1, now=lambda: next(steps)), 1000)  # type: ignore[arg-type]


async def test_each_turn_is_logged_once() -> None:
    space = space_of(Room(999), Room(998), Room(1000), Room(1))
    with structlog.testing.capture_logs() as lines:
        for _ in range(4):
            await space.free_bytes()
    assert [line["event"] for line in lines] == [
        "storage nearly full",
        "storage has room again",
        "storage nearly full",
    ]


@pytest.mark.parametrize("reason", ["ENOSPC", "EDQUOT"])
async def test_a_disk_that_is_full_already_refuses_too(reason: str) -> None:
    with pytest.raises(StorageFull):
        await space_of(StorageUnavailable(reason)).require()


@pytest.mark.parametrize("answer", [StorageUnavailable("EIO"), Room(None), Room(1000)])
async def test_nothing_else_refuses(answer: Room | StorageUnavailable) -> None:
    await space_of(answer).require()
