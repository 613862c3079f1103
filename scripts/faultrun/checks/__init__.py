"""The twenty-four checks: pure functions from evidence to verdicts, so that doctored evidence can test them."""

from scripts.faultrun.checks import buying, events, outputs, running
from scripts.faultrun.checks.crowded import unless_crowded
from scripts.faultrun.checks.money import money
from scripts.faultrun.checks.verdict import Verdict
from scripts.faultrun.evidence import Evidence

__all__ = ["Verdict", "judge"]


def judge(evidence: Evidence) -> list[Verdict]:
    """In the order of the specification."""
    verdicts = [
        buying.creates_have_one_row(evidence),
        buying.rows_are_final(evidence),
        buying.nothing_is_bought_twice(evidence),
        buying.purchases_have_their_row(evidence),
        *money(evidence),
        outputs.outputs_are_whole(evidence),
        outputs.disk_and_rows_agree(evidence),
        outputs.histories_make_sense(evidence),
        events.answered_means_kept(evidence),
        events.forgeries_have_no_effect(evidence),
        events.silence_heals(evidence),
        outputs.nothing_lost_to_retention(evidence),
        outputs.failures_are_true(evidence),
        events.nothing_is_held(evidence),
        events.the_late_write_nothing(evidence),
        events.the_canary_sings(evidence),
        running.errors_are_honest(evidence),
        running.secrets_stay_secret(evidence),
        running.recovery_is_quick(evidence),
        running.creates_succeed(evidence),
        running.growth_is_bounded(evidence),
        running.the_database_is_calm(evidence),
        events.states_only_go_forward(evidence),
    ]
    return outputs.unmeasured_without_rows(evidence, unless_crowded(evidence.crowding, verdicts))
