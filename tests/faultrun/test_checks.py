"""Every check passes where all is well, and fails on its own planted violation."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from scripts.faultrun.checks import judge
from scripts.faultrun.checks.crowded import CROWDED
from scripts.faultrun.emulator import Sold
from scripts.faultrun.evidence import Blob, Evidence, Heard, Jobs, Logs
from scripts.faultrun.forger import Forged
from scripts.faultrun.history import Answer, Fetched
from scripts.faultrun.keeper import Surprise
from scripts.faultrun.misbehaviour import JOB_FAILURES
from scripts.faultrun.nemesis import Dealt, Strike
from tests.faultrun.evidences import LENGTH, NOW, SHA, row, story, well
from tests.faultrun.test_money import PLANTED as OF_MONEY

OTHER = "b" * 64


def outcomes(evidence: Evidence) -> dict[str, str]:
    return {verdict.check: verdict.outcome for verdict in judge(evidence)}


def failed(evidence: Evidence) -> set[str]:
    return {check for check, outcome in outcomes(evidence).items() if outcome == "FAIL"}


def test_nothing_fails_where_all_is_well() -> None:
    assert failed(well()) == set()


def test_nothing_passes_where_nothing_was_looked_at() -> None:
    assert "pass" not in outcomes(Evidence(seed=1, minutes=2)).values()


def test_checks_that_saw_nothing_say_so() -> None:
    evidence = well()
    evidence.claims, evidence.gauges = [], []
    found = outcomes(evidence)
    assert (found["E13"], found["E17"], found["E23"]) == ("not measured",) * 3


def _a_row_is_missing(evidence: Evidence) -> None:
    evidence.rows.pop()


def _two_rows_for_one_key(evidence: Evidence) -> None:
    evidence.rows.append(replace(evidence.rows[0], id="row-9", provider_id=None))


def _a_row_is_stuck(evidence: Evidence) -> None:
    evidence.rows[0] = row(0, status="processing", stage="storing", work="collect", completed_at=None)


def _bought_twice(evidence: Evidence) -> None:
    evidence.sold.append(replace(evidence.sold[0], id="sold-9"))


def _bought_and_unbound(evidence: Evidence) -> None:
    evidence.rows[1] = row(1, provider_id=None, status="failed", failure="purchase_unknown")


def _bound_to_another(evidence: Evidence) -> None:
    evidence.rows[0], evidence.rows[1] = row(0, provider_id="sold-1"), row(1, provider_id="sold-0")


def _cut_file(evidence: Evidence) -> None:
    evidence.blobs[0] = Blob("key0", LENGTH // 2, OTHER)


def _wrong_record(evidence: Evidence) -> None:
    evidence.files[0] = replace(evidence.files[0], sha256=OTHER)


def _one_output_of_two(evidence: Evidence) -> None:
    evidence.sold[0] = replace(evidence.sold[0], files=((SHA, LENGTH), (OTHER, LENGTH)))


def _orphan_file(evidence: Evidence) -> None:
    evidence.blobs.append(Blob("nobody", 1, OTHER))


def _file_gone(evidence: Evidence) -> None:
    evidence.blobs.pop(0)


def _old_temporary(evidence: Evidence) -> None:
    evidence.temporaries.append(200.0)


def test_an_upload_is_no_orphan() -> None:
    evidence = well()
    evidence.blobs.append(Blob("upload.png", LENGTH, SHA))
    evidence.uploads.add("upload.png")
    assert outcomes(evidence) == outcomes(well())


def _told_404(evidence: Evidence) -> None:
    evidence.stories[0].answers.append(Answer("read", NOW + 9, 404))


def _told_backwards(evidence: Evidence) -> None:
    evidence.stories[0].answers.append(Answer("read", NOW + 9, 200, "row-0", "processing"))


def _told_another_end(evidence: Evidence) -> None:
    evidence.stories[0].answers.append(Answer("read", NOW + 9, 200, "row-0", "failed"))


def _two_ids(evidence: Evidence) -> None:
    evidence.stories[0].ids.append("row-9")


def _served_other_bytes(evidence: Evidence) -> None:
    evidence.stories[0].fetched = [Fetched("http://web/files/x", OTHER, LENGTH, SHA, LENGTH)]


def _succeeded_without_bytes(evidence: Evidence) -> None:
    evidence.stories[0].fetched = []


def _forbidden_webhook_taken(evidence: Evidence) -> None:
    evidence.hostile.append(Answer("create", NOW, 201))


def _acknowledged_and_lost(evidence: Evidence) -> None:
    evidence.heard.append(Heard(NOW, OTHER, True, 200))


def _forgery_believed(evidence: Evidence) -> None:
    evidence.heard.append(Heard(NOW, OTHER, False, 200))
    evidence.kept.add(OTHER)


def _doubled_signature_believed(evidence: Evidence) -> None:
    evidence.forged.append(Forged(NOW, "twice", OTHER, 200))


def _forgery_kept(evidence: Evidence) -> None:
    evidence.kept.add("f" * 64)


def _forged_link(evidence: Evidence) -> None:
    evidence.files[0] = replace(evidence.files[0], source_url="http://127.0.0.9:1/stolen-1.png")


def _silence_for_ever(evidence: Evidence) -> None:
    evidence.dropped = {"sold-0"}
    evidence.rows[0] = row(0, completed_at=None, status="processing", work="reconcile")


def _silence_too_long(evidence: Evidence) -> None:
    evidence.dropped = {"sold-0"}
    evidence.rows[0] = row(0, completed_at=NOW + 2 + 21 + 9)


def _obtainable_output_lost(evidence: Evidence) -> None:
    evidence.rows[0] = row(0, status="failed", failure="output_lost")


def _failed_though_it_succeeded(evidence: Evidence) -> None:
    evidence.rows[0] = row(0, status="failed", failure="timed_out")


def _failed_for_another_reason(evidence: Evidence) -> None:
    evidence.sold[0] = replace(evidence.sold[0], status="failed", error=next(iter(JOB_FAILURES)), files=())
    evidence.rows[0] = row(0, status="failed", failure="timed_out")


def _lease_held(evidence: Evidence) -> None:
    evidence.rows[0] = row(0, work="collect")


def _late_write(evidence: Evidence) -> None:
    evidence.wrong_writes.append("worker-1 wrote row-0")


def _canary_called(evidence: Evidence) -> None:
    evidence.calls_of_canary.append("GET /")


def _key_at_the_cdn(evidence: Evidence) -> None:
    evidence.key_seen_at_cdn = 1


def _answered_500(evidence: Evidence) -> None:
    evidence.stories[0].answers.append(Answer("read", NOW, 500))


def _503_without_retry_after(evidence: Evidence) -> None:
    evidence.stories[0].answers.append(Answer("create", NOW, 503))


def _delivery_answered_500(evidence: Evidence) -> None:
    evidence.heard.append(Heard(NOW, OTHER, True, 500))


def _traceback(evidence: Evidence) -> None:
    evidence.logs = Logs(10, {"it broke": 1})


def _died_by_itself(evidence: Evidence) -> None:
    evidence.surprises.append(Surprise("web-1", NOW, 1, "oh"))


def _secret_in_log(evidence: Evidence) -> None:
    evidence.logs = Logs(10, {}, ["web-1 shows provider key"])


def _secret_in_answer(evidence: Evidence) -> None:
    evidence.stories[0].answers.append(Answer("read", NOW + 9, 200, trouble="shows callback token"))


def _slow_recovery(evidence: Evidence) -> None:
    evidence.dealt.append(Dealt(Strike(1, "web", "web-1", "KILL", 1), NOW + 3.5, NOW + 3.6))
    late = story(7)
    late.answers[0].at = NOW + 20
    evidence.stories.append(late)
    evidence.rows.append(row(7, id="row-7", prompt="", provider_id=None, status="failed", failure="purchase_unknown"))


def _create_failed(evidence: Evidence) -> None:
    given_up = story(7)
    given_up.ids, given_up.final, given_up.fetched, given_up.answers = [], "", [], []
    given_up.ordered_at, given_up.settled_at = NOW + 50, NOW + 55
    evidence.stories.append(given_up)


def _grown(evidence: Evidence) -> None:
    evidence.gauges[0].rss = evidence.gauges[0].warm_rss + 40 * 2**20


def _too_many_descriptors(evidence: Evidence) -> None:
    evidence.gauges[0].descriptors = 60


def _too_many_connections(evidence: Evidence) -> None:
    evidence.most_connections = 51


def _deadlocks(evidence: Evidence) -> None:
    evidence.logs = Logs(deadlocks=6)


def _left_a_final_state(evidence: Evidence) -> None:
    evidence.wrongs_seen.append("row-0 left succeeded for failed")


PLANTED: dict[Callable[[Evidence], None], str] = {
    _a_row_is_missing: "E1",
    _two_rows_for_one_key: "E1",
    _a_row_is_stuck: "E2",
    _bought_twice: "E3",
    _bought_and_unbound: "E4",
    _bound_to_another: "E4",
    _cut_file: "E8",
    _wrong_record: "E8",
    _one_output_of_two: "E8",
    _orphan_file: "E9",
    _file_gone: "E9",
    _old_temporary: "E9",
    _told_404: "E10",
    _told_backwards: "E10",
    _told_another_end: "E10",
    _two_ids: "E10",
    _served_other_bytes: "E10",
    _succeeded_without_bytes: "E10",
    _forbidden_webhook_taken: "E10",
    _acknowledged_and_lost: "E11",
    _forgery_believed: "E12",
    _doubled_signature_believed: "E12",
    _forgery_kept: "E12",
    _forged_link: "E12",
    _silence_for_ever: "E13",
    _silence_too_long: "E13",
    _obtainable_output_lost: "E14",
    _failed_though_it_succeeded: "E15",
    _failed_for_another_reason: "E15",
    _lease_held: "E16",
    _late_write: "E17",
    _canary_called: "E18",
    _key_at_the_cdn: "E18",
    _answered_500: "E19",
    _503_without_retry_after: "E19",
    _delivery_answered_500: "E19",
    _traceback: "E19",
    _died_by_itself: "E19",
    _secret_in_log: "E20",
    _secret_in_answer: "E20",
    _slow_recovery: "E21",
    _create_failed: "E22",
    _grown: "E23",
    _too_many_descriptors: "E23",
    _too_many_connections: "E23",
    _deadlocks: "E24",
    _left_a_final_state: "I6",
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__.strip("_"))
def test_a_planted_violation_is_found(plant: Callable[[Evidence], None]) -> None:
    evidence = well()
    plant(evidence)
    assert PLANTED[plant] in failed(evidence)


def test_every_check_that_can_fail_has_been_seen_to_fail() -> None:
    assert {verdict.check for verdict in judge(well())} == {*PLANTED.values(), *OF_MONEY.values()}


@pytest.mark.parametrize(
    ("status", "error", "failure"),
    [
        ("failed", "NSFW content detected.", "content_filtered"),
        ("failed", "Failed to generate image.", "provider_failed"),
    ],
)
def test_a_failure_of_the_provider_s_own_cause_is_true(status: str, error: str, failure: str) -> None:
    evidence = well()
    evidence.sold[0] = replace(evidence.sold[0], status=status, error=error, files=())
    evidence.rows[0] = row(0, status="failed", failure=failure)
    assert {"E14", "E15"} & failed(evidence) == set()


def test_a_create_nobody_sold_may_be_refused_or_unknown_and_nothing_else() -> None:
    evidence = well()
    evidence.sold = evidence.sold[2:]
    evidence.rows[0] = row(0, status="failed", provider_id=None, failure="purchase_unknown")
    evidence.rows[1] = row(
        1, status="failed", provider_id=None, failure="rejected", provider_code="INSUFFICIENT_CREDITS"
    )
    assert "E15" not in failed(evidence)
    evidence.rows[1] = row(1, status="failed", provider_id=None, failure="provider_unreachable")
    assert "E15" in failed(evidence)


def test_creates_during_an_outage_of_the_database_do_not_count() -> None:
    evidence = well()
    _create_failed(evidence)
    evidence.dealt.append(Dealt(Strike(50, "database", "database", "KILL", 0), NOW + 51, NOW + 53))
    assert "E22" not in failed(evidence)


def test_an_outage_that_began_before_anybody_could_recover_is_not_his_slowness() -> None:
    evidence = well()
    _slow_recovery(evidence)
    assert "E21" in failed(evidence)
    evidence.dealt.append(Dealt(Strike(4, "freeze", "database", "hold", 15), NOW + 4, NOW + 19))
    assert "E21" not in failed(evidence)


def test_the_unsold_make_the_third_check_unmeasured() -> None:
    evidence = well()
    evidence.sold = list[Sold]()
    evidence.jobs = Jobs({"picked": 1})
    assert outcomes(evidence)["E3"] == "not measured"


def test_on_a_crowded_machine_time_is_not_judged_and_everything_else_is() -> None:
    slow, evidence = well(), well()
    _slow_recovery(slow)
    slow.crowding = CROWDED + 1
    assert outcomes(slow)["E21"] == "not measured"
    _late_write(evidence)
    evidence.crowding = CROWDED + 1
    assert "E17" in failed(evidence)
    assert outcomes(evidence)["E21"] == "pass"
