"""E8–E10, E14, E15: whole files, no orphans, histories that make sense, failures that are true."""

from collections.abc import Iterator, Sequence

from scripts.faultrun.checks.outages import away_for_work, in_dead_hands
from scripts.faultrun.checks.verdict import Verdict, not_measured, verdict
from scripts.faultrun.evidence import Evidence, Row
from scripts.faultrun.history import FINAL, STATUS_RANK, Story
from scripts.faultrun.misbehaviour import JOB_FAILURES, REFUSED_CREATES, true_output_failures
from scripts.faultrun.order import RETENTION_SECONDS
from scripts.faultrun.windows import Window, joined, overlap

OLD_TEMPORARY = 120.0
SECONDS_TO_COLLECT = 15.0
"""Two pauses between looks and one lease, should the first to look die."""


def outputs_are_whole(evidence: Evidence) -> Verdict:
    truth = {sold.id: sold.files for sold in evidence.sold}
    blobs = {blob.key: blob for blob in evidence.blobs}
    succeeded = {row.id: row for row in evidence.rows if row.status == "succeeded"}
    stored = [file for file in evidence.files if file.prediction_id in succeeded]
    cases = []
    for file in stored:
        true = truth.get(succeeded[file.prediction_id].provider_id or "", ())
        blob, wanted = blobs.get(file.key or ""), true[file.position] if file.position < len(true) else None
        where = f"{file.prediction_id} output {file.position} ({file.key})"
        if blob is None:
            cases.append(f"{where} is not on the disk")
        elif (blob.sha256, blob.bytes) != wanted:
            cases.append(f"{where} has {blob.bytes} bytes {blob.sha256[:12]}, the provider made {wanted}")
        elif (file.sha256, file.bytes) != (blob.sha256, blob.bytes):
            cases.append(f"{where} is recorded as {file.bytes} bytes {str(file.sha256)[:12]}")
        small = blobs.get(file.thumb_key or "")
        if small is not None and small.sha256 != file.thumb_sha256:
            cases.append(f"{where} has a thumbnail of other bytes than recorded")
    for row in succeeded.values():
        count = sum(file.prediction_id == row.id for file in stored)
        if count != len(truth.get(row.provider_id or "", ())):
            cases.append(f"{row.id} succeeded with {count} of {len(truth.get(row.provider_id or '', ()))} outputs")
    return verdict("E8", "stored outputs that differ from the provider's", cases, "0", among=f"{len(stored)}")


def disk_and_rows_agree(evidence: Evidence) -> Verdict:
    named = {key for file in evidence.files for key in (file.key, file.thumb_key) if key} | evidence.uploads
    there = {blob.key for blob in evidence.blobs}
    orphans, missing = sorted(there - named), sorted(named - there)
    old = [f"a temporary file is {age:.0f} s old" for age in evidence.temporaries if age > OLD_TEMPORARY]
    cases = [f"{key} is on the disk and in no row" for key in orphans]
    cases += [f"{key} is in a row and not on the disk" for key in missing] + old
    young = len(evidence.temporaries) - len(old)
    measured = f"{len(orphans)} / {len(missing)} / {len(old)} (and {young} young temporaries)"
    what = "files without row / rows without file / old temporaries"
    return verdict("E9", what, cases, "0 / 0 / 0", among=measured, holds=not cases)


def histories_make_sense(evidence: Evidence) -> Verdict:
    cases = [case for story in evidence.stories for case in _nonsense(story)]
    cases += [
        f"a webhook into a forbidden place was answered {each.status}"
        for each in evidence.hostile
        if each.status not in (0, 422, 503)
    ]
    answers = sum(len(story.answers) for story in evidence.stories) + len(evidence.hostile)
    return verdict("E10", "answers that contradict earlier ones", cases, "0", among=f"{answers} answers")


def _nonsense(story: Story) -> Iterator[str]:
    created, rank, last = False, -1, ""
    if len(story.ids) > 1:
        yield f"{story.key} got {len(story.ids)} ids: {story.ids}"
    for answer in sorted((each for each in story.answers if each.what == "read"), key=lambda each: each.at):
        created = created or story.is_created
        if answer.status == 404:
            yield f"{story.key}: 404 for {story.ids} at {answer.at:.1f}"
        if answer.state:
            if (last in FINAL and answer.state != last) or STATUS_RANK[answer.state] < rank:
                yield f"{story.key}: {last}, then {answer.state} at {answer.at:.1f}"
            rank, last = STATUS_RANK[answer.state], answer.state
    yield from _bad_files(story)


def _bad_files(story: Story) -> Iterator[str]:
    for file in story.fetched:
        if (file.sha256, file.bytes) != (file.claimed_sha256, file.claimed_bytes):
            yield f"{story.key}: {file.url} came with {file.bytes} bytes, {file.claimed_bytes} were promised"
    if story.final == "succeeded" and len(story.fetched) < max(story.file_count, story.outputs):
        gone = [answer.status for answer in story.answers if answer.what == "file" and answer.status != 200]
        yield f"{story.key} succeeded, and {len(story.fetched)} of {story.outputs} files could be had ({gone[-3:]})"


def nothing_lost_to_retention(evidence: Evidence) -> Verdict:
    """Obtainable is what lay at the provider for long enough while a worker, the database and the provider were up."""
    true, away = _true_codes(evidence), away_for_work(evidence)
    ended = {sold.id: sold.completed_at for sold in evidence.sold}
    lost = [row for row in evidence.rows if row.failure == "output_lost" and "output_lost" not in true.get(row.id, ())]
    cases, struck = [], 0
    for row in lost:
        lost_seconds = joined([*away, *in_dead_hands(evidence, row.id)])
        served = _seconds_served(ended.get(row.provider_id or ""), lost_seconds)
        if served < SECONDS_TO_COLLECT:
            struck += 1
        else:
            cases.append(f"{_failure(row)}; all were up for {served:.1f} of its {RETENTION_SECONDS} s")
    among = f"{len(evidence.files)} outputs ({struck} more lay in outages but for < {SECONDS_TO_COLLECT:.0f} s)"
    return verdict("E14", "obtainable outputs lost to retention", cases, "0", among=among)


def _seconds_served(ended: float | None, away: Sequence[Window]) -> float:
    """Of an output's time at the provider; all of it where its beginning is not known."""
    window = (ended or 0.0, (ended or 0.0) + RETENTION_SECONDS)
    return RETENTION_SECONDS - overlap(window, away)


def failures_are_true(evidence: Evidence) -> Verdict:
    true, failed = _true_codes(evidence), [row for row in evidence.rows if row.status in ("failed", "canceled")]
    wrong = [row for row in failed if row.failure != "output_lost" and row.failure not in true.get(row.id, set())]
    cases = [f"{_failure(row)}; true would be {sorted(true.get(row.id, set())) or 'success'}" for row in wrong]
    return verdict("E15", "failures of another cause than the provider's", cases, "0", among=f"{len(failed)} failures")


def _true_codes(evidence: Evidence) -> dict[str, set[str]]:
    """By row: with which codes it may truly have failed."""
    sold = {each.id: each for each in evidence.sold}
    by_token = {each.token: each for each in evidence.sold}
    found: dict[str, set[str]] = {}
    for row in evidence.rows:
        bought = sold.get(row.provider_id or "") or by_token.get(row.token)
        if bought is None:
            refused = (row.failure or "", row.provider_code or "") in REFUSED_CREATES
            found[row.id] = {row.failure or ""} if refused else {"purchase_unknown"}
        elif bought.status == "failed":
            found[row.id] = {JOB_FAILURES.get(bought.error or "", "provider_failed")}
        else:
            found[row.id] = true_output_failures(evidence.seed, bought.ordinal, bought.id)
    return found


def _failure(row: Row) -> str:
    return f"{row.id} ended as {row.failure} ({row.provider_code}), provider_id {row.provider_id}"


def unmeasured_without_rows(evidence: Evidence, verdicts: list[Verdict]) -> list[Verdict]:
    """Nothing was looked at: then nothing has passed."""
    if evidence.rows:
        return verdicts
    return [not_measured(each.check, each.what, each.must_be, "there are no predictions") for each in verdicts]
