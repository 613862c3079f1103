"""When nothing could be expected, by the strikes that were dealt. Epoch seconds."""

import math

from scripts.faultrun.evidence import Evidence
from scripts.faultrun.nemesis import Dealt
from scripts.faultrun.order import LEASE_SECONDS
from scripts.faultrun.windows import Window, common, joined

BOOT = 2.0
"""A worker has no door to knock at: seconds from its start until it works."""


def away_for_creates(evidence: Evidence) -> list[Window]:
    """The database, or every web, was away."""
    return joined([*_of(evidence, "database"), *_all_of(evidence, "web")])


def away_for_work(evidence: Evidence) -> list[Window]:
    """The database, the provider, or every worker was away."""
    alone = [window for target in ("database", "emulator", "api", "cdn") for window in _of(evidence, target)]
    return joined([*alone, *_all_of(evidence, "worker")])


def in_dead_hands(evidence: Evidence, prediction_id: str) -> list[Window]:
    """When its work lay with a worker that was struck: for one lease, then another must have taken it (I12)."""
    claims = [claim for claim in evidence.claims if claim.prediction_id == prediction_id]
    until = [claim.at for claim in claims[1:]] + [math.inf]
    return joined(
        (each.began, min(each.began + LEASE_SECONDS + BOOT, end))
        for claim, end in zip(claims, until, strict=True)
        for each in evidence.dealt
        if _name(each) == claim.worker and claim.at <= each.began < end
    )


def standstills(evidence: Evidence) -> list[Window]:
    """When somebody could neither go on nor was gone: a transaction that had begun may end long after."""
    frozen = [each for each in evidence.dealt if each.strike.kind == "freeze" and each.strike.target != "emulator"]
    return joined((each.began, each.ended) for each in frozen)


def _all_of(evidence: Evidence, kind: str) -> list[Window]:
    """When all of a kind were away at once; whoever was never struck was always there."""
    names = sorted({name for each in evidence.dealt if kind in (name := _name(each))})
    if len(names) < 2:
        return []
    found = _of(evidence, names[0])
    for name in names[1:]:
        found = common(found, _of(evidence, name))
    return found


def _of(evidence: Evidence, name: str) -> list[Window]:
    return joined((each.began, each.ended + _boot(each)) for each in evidence.dealt if _name(each) == name)


def _name(dealt: Dealt) -> str:
    """Without its connections to the database a process is as good as away."""
    return dealt.strike.target.removeprefix("pg-")


def _boot(dealt: Dealt) -> float:
    return BOOT if dealt.strike.kind == "worker" else 0.0
