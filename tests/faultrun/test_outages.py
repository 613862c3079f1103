"""When nothing could be expected, and for how long that was."""

from scripts.faultrun.checks.outages import BOOT, away_for_creates, away_for_work, in_dead_hands
from scripts.faultrun.evidence import Evidence
from scripts.faultrun.fencing import Claim
from scripts.faultrun.nemesis import Dealt, Strike
from scripts.faultrun.order import LEASE_SECONDS


def struck(*strikes: tuple[str, str, float, float]) -> Evidence:
    evidence = Evidence(seed=1, minutes=2)
    evidence.dealt = [Dealt(Strike(0, kind, target, "KILL", 0), began, ended) for kind, target, began, ended in strikes]
    return evidence


def test_one_web_of_two_is_enough_for_creates() -> None:
    assert away_for_creates(struck(("web", "web-1", 1, 5))) == []
    assert away_for_creates(struck(("web", "web-1", 1, 5), ("web", "web-2", 3, 9))) == [(3, 5)]


def test_a_web_without_its_database_is_away() -> None:
    assert away_for_creates(struck(("web", "web-1", 1, 5), ("proxy", "pg-web-2", 2, 3))) == [(2, 3)]


def test_without_the_database_nothing_is_expected() -> None:
    evidence = struck(("database", "database", 1, 2), ("freeze", "database", 5, 7))
    assert away_for_creates(evidence) == away_for_work(evidence) == [(1, 2), (5, 7)]


def test_work_needs_a_worker_and_the_provider() -> None:
    both = struck(("worker", "worker-1", 1, 4), ("worker", "worker-2", 3, 6), ("emulator", "emulator", 20, 21))
    assert away_for_work(both) == [(3, 4 + BOOT), (20, 21)]
    assert away_for_work(struck(("freeze", "worker-1", 1, 11))) == []


def test_work_lies_with_the_dead_for_one_lease() -> None:
    evidence = struck(("freeze", "worker-1", 10, 30))
    evidence.claims = [Claim("mine", "worker-1", 9), Claim("other", "worker-2", 9)]
    assert in_dead_hands(evidence, "mine") == [(10, 10 + LEASE_SECONDS + BOOT)]
    assert in_dead_hands(evidence, "other") == []


def test_work_that_was_taken_over_lies_with_nobody_dead() -> None:
    evidence = struck(("worker", "worker-1", 10, 11), ("worker", "worker-1", 14, 15))
    evidence.claims = [Claim("mine", "worker-1", 9), Claim("mine", "worker-2", 12)]
    assert in_dead_hands(evidence, "mine") == [(10, 12)]
