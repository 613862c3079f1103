"""E5–E7 on doctored evidence: what is booked wrongly, overdrawn, still held or refused with money left."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from scripts.faultrun.budgets import PRICE, SERVICE, Budget
from scripts.faultrun.checks import judge
from scripts.faultrun.evidence import Evidence
from scripts.faultrun.history import REFUSED, Answer, Story
from scripts.faultrun.nemesis import Dealt, Strike
from scripts.faultrun.purses import Purses
from tests.faultrun.evidences import ACCOUNT, DAY, NOTHING, NOW, entry, row, standing, well


def outcomes(evidence: Evidence) -> dict[str, str]:
    return {verdict.check: verdict.outcome for verdict in judge(evidence)}


def failed(evidence: Evidence) -> set[str]:
    return {check for check, outcome in outcomes(evidence).items() if outcome == "FAIL"}


def refused(at: float, number: int = 7, outputs: int = 1) -> Story:
    """An order of Ann's that was refused for want of money, asked a tenth of a second before."""
    answer = Answer("create", at, 429, code=REFUSED, asked_at=at - 0.1)
    return Story(number, "ann", f"order-{number}", f"prompt {number}", outputs, at - 0.1, at, 1, answers=[answer])


def spend(evidence: Evidence, at: float, usd: Decimal, number: int = 8) -> None:
    evidence.entries.append(entry(number, "hold", usd, NOTHING, at))


def _captured_less(evidence: Evidence) -> None:
    evidence.entries[-1] = entry(2, "capture", -PRICE, PRICE / 2, NOW + 5)


def _captured_nothing(evidence: Evidence) -> None:
    evidence.entries[-1] = entry(2, "release", -PRICE, NOTHING, NOW + 5)


def _captured_twice(evidence: Evidence) -> None:
    evidence.entries.append(entry(2, "capture", NOTHING, PRICE, NOW + 6))


def _captured_and_never_sold(evidence: Evidence) -> None:
    evidence.entries.append(entry(9, "capture", NOTHING, PRICE, NOW + 6))


def _two_that_cancel_out(evidence: Evidence) -> None:
    evidence.entries[-2:] = [
        entry(1, "capture", -PRICE, PRICE / 2, NOW + 5),
        entry(2, "capture", -PRICE, PRICE * 3 / 2, NOW + 5),
    ]


def _booked_to_another_owner(evidence: Evidence) -> None:
    evidence.entries[-1] = replace(evidence.entries[-1], owner="ben")


def _sold_and_bound_to_nobody(evidence: Evidence) -> None:
    evidence.rows[0] = row(0, provider_id=None, token="another")


def _over_the_budget(evidence: Evidence) -> None:
    evidence.purses.see([standing(ACCOUNT, "ever", PRICE * 6)], evidence.budgets, NOW + 60)


def _held_at_the_end(evidence: Evidence) -> None:
    evidence.rows[0] = row(0, held=PRICE)


def _held_in_the_ledger_alone(evidence: Evidence) -> None:
    evidence.entries.append(entry(2, "hold", PRICE, NOTHING, NOW + 6))


def _held_by_an_account(evidence: Evidence) -> None:
    evidence.standings[0] = replace(evidence.standings[0], held=PRICE, booked_held=PRICE)


def _a_balance_beside_its_ledger(evidence: Evidence) -> None:
    evidence.standings[1] = replace(evidence.standings[1], captured=PRICE)


def _a_balance_once_beside_its_ledger(evidence: Evidence) -> None:
    evidence.purses.see([replace(standing(SERVICE, DAY, PRICE), booked_captured=NOTHING)], {}, NOW + 60)


def _refused_with_money_left(evidence: Evidence) -> None:
    evidence.stories.append(refused(NOW + 50))


def _refused_who_has_no_budget(evidence: Evidence) -> None:
    evidence.stories.append(replace(refused(NOW + 50), owner="dan"))


def _refused_and_bought(evidence: Evidence) -> None:
    evidence.stories.append(refused(NOW + 50))
    evidence.rows.append(row(7, id="row-7", provider_id=None, status="failed", failure="purchase_unknown"))


PLANTED: dict[Callable[[Evidence], None], str] = {
    _captured_less: "E5",
    _captured_nothing: "E5",
    _captured_twice: "E5",
    _captured_and_never_sold: "E5",
    _two_that_cancel_out: "E5",
    _booked_to_another_owner: "E5",
    _sold_and_bound_to_nobody: "E5",
    _over_the_budget: "E6",
    _held_at_the_end: "E7",
    _held_in_the_ledger_alone: "E7",
    _held_by_an_account: "E7",
    _a_balance_beside_its_ledger: "E7",
    _a_balance_once_beside_its_ledger: "E7",
    _refused_with_money_left: "E7",
    _refused_who_has_no_budget: "E7",
    _refused_and_bought: "E1",
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__.strip("_"))
def test_a_planted_violation_is_found(plant: Callable[[Evidence], None]) -> None:
    evidence = well()
    plant(evidence)
    assert PLANTED[plant] in failed(evidence)


@pytest.mark.parametrize("plant", [_captured_less, _captured_twice, _captured_and_never_sold, _two_that_cancel_out])
def test_the_prediction_that_was_booked_wrongly_is_named(plant: Callable[[Evidence], None]) -> None:
    evidence = well()
    plant(evidence)
    (verdict,) = [each for each in judge(evidence) if each.check == "E5"]
    assert any(case.startswith(("row-2 ", "row-9 ")) for case in verdict.cases)


def test_the_difference_is_told_to_the_last_digit() -> None:
    evidence = well()
    evidence.entries[-1] = entry(2, "capture", -PRICE, PRICE + Decimal("0.000001"), NOW + 5)
    (verdict,) = [each for each in judge(evidence) if each.check == "E5"]
    assert verdict.measured.startswith("0.000001; 0.000001 ")


def test_a_build_without_a_ledger_passes_nothing_about_money() -> None:
    evidence = well()
    evidence.has_ledger = False
    assert {outcomes(evidence)[check] for check in ("E5", "E6", "E7")} == {"not measured"}


def test_budgets_that_nobody_used_up_prove_nothing() -> None:
    evidence = well()
    evidence.purses = Purses()
    evidence.purses.see([standing(ACCOUNT, "ever", PRICE)], evidence.budgets, NOW + 50)
    assert outcomes(evidence)["E6"] == "not measured"


def test_a_bill_that_turned_up_above_its_hold_is_no_overdraft() -> None:
    evidence = well()
    over = replace(standing(ACCOUNT, "ever", PRICE * 6), overruns=PRICE)
    evidence.purses.see([over], evidence.budgets, NOW + 60)
    assert "E6" not in failed(evidence)


def test_the_balance_of_another_period_is_not_bounded() -> None:
    purses = Purses()
    purses.see([standing(ACCOUNT, DAY, PRICE * 6)], {ACCOUNT: Budget("total", PRICE)}, NOW)
    assert (purses.samples, purses.over) == (0, [])


def test_an_overdraft_is_told_again_only_when_it_grows() -> None:
    purses, budgets = Purses(), {ACCOUNT: Budget("total", PRICE)}
    for times in (2, 2, 3, 2, 3):
        purses.see([standing(ACCOUNT, "ever", times * PRICE)], budgets, NOW)
    assert (len(purses.over), purses.worst, purses.samples) == (2, 2 * PRICE, 5)


@pytest.mark.parametrize("earlier", [1, -1], ids=["before it was asked", "after it was answered"])
def test_a_refusal_is_due_where_money_was_short_for_a_moment(earlier: float) -> None:
    evidence = well()
    evidence.stories.append(refused(NOW + 50))
    spend(evidence, NOW + 40, 2 * PRICE)
    spend(evidence, NOW + 50 - earlier, -PRICE)
    assert failed(evidence) & {"E1", "E2", "E22"} == set()
    assert not any("was refused" in case for verdict in judge(evidence) for case in verdict.cases)


def test_a_refusal_is_wrong_where_money_came_back_long_before() -> None:
    evidence = well()
    evidence.stories.append(refused(NOW + 50))
    spend(evidence, NOW + 40, 2 * PRICE)
    spend(evidence, NOW + 47, -PRICE)
    assert any("order-7: ann was refused 0.03" in case for verdict in judge(evidence) for case in verdict.cases)


def test_unless_somebody_stood_still_meanwhile() -> None:
    evidence = well()
    evidence.stories.append(refused(NOW + 50))
    spend(evidence, NOW + 40, 2 * PRICE)
    spend(evidence, NOW + 47, -PRICE)
    evidence.dealt.append(Dealt(Strike(47, "freeze", "worker-1", "STOP", 2.5), NOW + 46.9, NOW + 49))
    assert not any("was refused" in case for verdict in judge(evidence) for case in verdict.cases)


def test_a_large_order_may_be_refused_where_a_small_one_fits() -> None:
    evidence = well()
    evidence.stories += [refused(NOW + 50, outputs=4)]
    assert "E7" not in failed(evidence)


def test_a_refusal_is_neither_a_failed_create_nor_a_success() -> None:
    evidence = well()
    spend(evidence, NOW + 40, 2 * PRICE)
    evidence.stories += [refused(NOW + 50, number) for number in range(7, 17)]
    (verdict,) = [each for each in judge(evidence) if each.check == "E22"]
    assert verdict.measured == "100.00 % of 3 (0 fell into outages, 10 had no money)"


def test_whoever_left_before_he_was_refused_may_have_bought() -> None:
    evidence = well()
    told = refused(NOW + 50)
    told.answers.insert(0, Answer("create", NOW + 49, 0, asked_at=NOW + 49))
    evidence.stories.append(told)
    evidence.rows.append(row(7, id="row-7", provider_id=None, status="failed", failure="purchase_unknown"))
    assert "E1" not in failed(evidence)
