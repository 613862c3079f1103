"""Hostile answers of a CDN: how much the worker's memory grows for one of them."""

from scripts.benchmarks.figures import Figure
from scripts.benchmarks.promises.house import House, open_house
from scripts.benchmarks.promises.peaks import peak

HOSTILE = ("cdn_endless", "cdn_gzip", "cdn_pixel_bomb", "cdn_html", "cdn_redirect_private", "cdn_wrong_length")


def measure() -> list[Figure]:
    """The peak of its resident memory before and after, an output of up to 64 MB allowed; the worst kind counts."""
    with open_house(EMULATOR_ART="plain", EMULATOR_DURATION="0.1", MAX_OUTPUT_BYTES="64000000") as house:
        for _ in range(3):
            house.make()
        grown = {kind: _growth(house, kind) for kind in HOSTILE}
    worst = max(grown, key=lambda kind: grown[kind])
    return [Figure("growth of the worker for a hostile download", grown[worst], 32, "MiB", f"worst of 6: {worst}")]


def _growth(house: House, kind: str) -> float:
    house.emulator.post("/_faults", json={kind: 1}).raise_for_status()
    before = peak(house.child("worker"))
    body = {"model": "truefusion-pro", "input": {"prompt": f"a fox and {kind}"}}
    made = house.client.post("/api/predictions", json=body, headers={"Prefer": "wait=30"}).raise_for_status().json()
    if made["status"] not in ("failed", "succeeded"):
        raise RuntimeError(f"{kind} did not end: {made['status']}")
    return peak(house.child("worker")) - before
