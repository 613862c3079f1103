"""kill -9 of any process in the middle of a prediction ends in a stored picture, bought once."""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.flows.running_up import Up, running_up

VICTIMS = {
    "web": ("darkroom", " web"),
    "worker": ("darkroom", " worker"),
    "emulator": ("scripts.emulator",),
    "postgres": ("bin/postgres", "-D"),
}
MOMENTS = {
    "waiting at the provider": (("submitting", "waiting", "running"), {}),
    "storing": (("storing",), {"cdn_drip": {"share": 1, "seconds": 1.5}}),
}


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    data = tmp_path_factory.mktemp("up") / "data"
    with running_up(data, EMULATOR_ART="plain", WORKER_LEASE_SECONDS="2", EMULATOR_DURATION="1") as running:
        yield running


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("victim", VICTIMS)
def test_a_prediction_survives_the_death_of(up: Up, victim: str, moment: str) -> None:
    stages, faults = MOMENTS[moment]
    up.emulator.post("/_faults", json=faults).raise_for_status()
    prediction_id = up.create(f"{victim} dies while {moment}")
    up.until(prediction_id, *stages)

    os.kill(up.pid(*VICTIMS[victim]), signal.SIGKILL)
    final = up.until(prediction_id, "done")

    assert (final["status"], final["error"]) == ("succeeded", None)
    picture = up.client.get(final["output"][0])
    assert len(picture.content) == final["files"][0]["bytes"]
    assert len(up.emulator.get("/_ledger").json()) == len(up.all())
