"""From the provider's terminal event to `succeeded`: a picture of 1 MB on an idle machine."""

from datetime import datetime

from scripts.benchmarks.figures import Figure, from_samples
from scripts.benchmarks.promises.house import open_house

ROUNDS = 40
WARMING = 3


def measure() -> list[Figure]:
    """By the emulator's own time of the end and ours of the final commit; one machine, one clock."""
    with open_house(EMULATOR_OUTPUT_BYTES="1000000", EMULATOR_DURATION="0.2") as house:
        made = [house.make() for _ in range(ROUNDS + WARMING)][WARMING:]
        ended = [time_of(sold["completed_at"]) for sold in house.emulator.get("/_ledger").json()][WARMING:]
    samples = [1000 * (time_of(each["completed_at"]) - end) for each, end in zip(made, ended, strict=True)]
    return [from_samples("provider's end to succeeded, 1 MB", samples, 150, "ms")]


def time_of(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
