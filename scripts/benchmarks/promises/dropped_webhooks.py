"""Every webhook of everybody dropped: how long after the provider's end each prediction is stored all the same."""

from concurrent.futures import ThreadPoolExecutor

from scripts.benchmarks.figures import Figure
from scripts.benchmarks.promises.event_to_stored import time_of
from scripts.benchmarks.promises.house import open_house

PREDICTIONS = 100


def measure() -> list[Figure]:
    """Jobs of two to nine seconds, twenty at a time; `make` fails if one does not succeed."""
    with open_house(EMULATOR_ART="plain", EMULATOR_DURATION="2") as house:
        late = {"share": 0.5, "seconds": 7}
        house.emulator.post("/_faults", json={"drop": 1, "late_start": late}).raise_for_status()
        with ThreadPoolExecutor(20) as pool:
            made = list(pool.map(lambda _: house.make(), range(PREDICTIONS)))
        receipts = [house.client.get(each["urls"]["receipt"]).json() for each in made]
        sold = {each["id"]: each for each in house.emulator.get("/_ledger").json()}
    samples = sorted(
        time_of(each["completed_at"]) - time_of(sold[_provider_id(receipt)]["completed_at"])
        for each, receipt in zip(made, receipts, strict=True)
    )
    spread = f"median {samples[len(samples) // 2]:.3g}, n={len(samples)}, all succeeded"
    return [Figure("all webhooks dropped, p99 after the end", samples[int(len(samples) * 0.99)], 20, "s", spread)]


def _provider_id(receipt: dict[str, list[dict[str, dict[str, str]]]]) -> str:
    known = (entry["detail"].get("provider_id") for entry in receipt["timeline"])
    return next(provider_id for provider_id in known if provider_id)
