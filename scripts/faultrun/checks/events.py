"""E11–E13, E16–E18: deliveries kept and believed rightly, silence healed, the late kept out, the canary alive."""

from scripts.faultrun.checks.outages import away_for_work, in_dead_hands
from scripts.faultrun.checks.verdict import Verdict, not_measured, verdict
from scripts.faultrun.evidence import Evidence
from scripts.faultrun.misbehaviour import is_hard_to_fetch
from scripts.faultrun.windows import joined, overlap

HEALED_WITHIN = 20.0


def answered_means_kept(evidence: Evidence) -> Verdict:
    answered = [each for each in evidence.heard if each.status is not None and 200 <= each.status < 300]
    cases = [
        f"a delivery with body {each.sha256[:16]} was answered {each.status} at {each.at:.1f} and is not in the inbox"
        for each in answered
        if each.sha256 not in evidence.kept
    ]
    return verdict("E11", "events answered 2xx but not stored", cases, "0", among=f"{len(answered)}")


def forgeries_have_no_effect(evidence: Evidence) -> Verdict:
    bad = [(each.sha256, each.status) for each in evidence.heard if not each.is_authentic]
    direct = [(each.sha256, each.status) for each in evidence.forged if each.spoiled == "twice"]
    tried = bad + direct
    cases = [f"{sha[:16]} answered {status}" for sha, status in tried if status not in (None, 0, 401, 503)]
    cases += [f"{sha[:16]} was kept in the inbox" for sha, _ in tried if sha in evidence.kept]
    cases += [
        f"{file.prediction_id} has the forged link {file.source_url}"
        for file in evidence.files
        if _is_lie(file.source_url)
    ]
    return verdict("E12", "forged or altered events with an effect", cases, "0", among=f"{len(tried)}")


def _is_lie(url: str) -> bool:
    return "/stolen" in url


def silence_heals(evidence: Evidence) -> Verdict:
    """A download that fails by script is a fault of its own, of which E14 and E15 speak; final it must be all
    the same."""
    rows = {row.provider_id: row for row in evidence.rows}
    away = away_for_work(evidence)
    late, cases = [], []
    for sold in evidence.sold:
        row = rows.get(sold.id)
        if sold.id not in evidence.dropped or sold.completed_at is None or row is None:
            continue
        if row.completed_at is None:
            cases.append(f"{row.id} never became final")
            continue
        late.append(row.completed_at - sold.completed_at)
        lost = joined([*away, *in_dead_hands(evidence, row.id)])
        served = row.completed_at - sold.completed_at - overlap((sold.completed_at, row.completed_at), lost)
        if served > HEALED_WITHIN and not is_hard_to_fetch(evidence.seed, sold.ordinal):
            up = f"a worker, the database and the provider could work on it for {served:.1f} s"
            cases.append(f"{row.id} took {late[-1]:.1f} s; {up}")
    what, must = "silent predictions: final, and slowest after the end there", "all, ≤ 20 s beside outages"
    if not late and not cases:
        return not_measured("E13", what, must, "no prediction had all its deliveries lost")
    slowest = (
        f"{len(late)} of {len(late) + len(cases)}, median {sorted(late)[len(late) // 2]:.1f}, slowest {max(late):.1f} s"
        if late
        else "none"
    )
    return verdict("E13", what, cases, must, among=slowest, holds=not cases)


def nothing_is_held(evidence: Evidence) -> Verdict:
    owing = [f"{row.id} owes {row.work} after {row.attempts} attempts" for row in evidence.rows if row.work]
    running = sum(evidence.jobs.by_status.get(status, 0) for status in ("picked", "queued"))
    aside = evidence.jobs.by_status.get("failed", 0) + evidence.jobs.by_status.get("exception", 0)
    measured = f"{len(owing)} owed, {running} jobs left, {aside} set aside"
    return verdict("E16", "leases and jobs held at the end", owing, "0; 0", among=measured, holds=not owing)


def the_late_write_nothing(evidence: Evidence) -> Verdict:
    what = "writes by a worker whose lease was taken"
    if not evidence.claims:
        return not_measured("E17", what, "0", "no claim was recognised on the wire")
    among = f"{len(evidence.wrong_writes)} ({len(evidence.claims)} claims, {evidence.takeovers} takeovers)"
    return verdict("E17", what, evidence.wrong_writes, "0", among=among, holds=not evidence.wrong_writes)


def the_canary_sings(evidence: Evidence) -> Verdict:
    cases = [f"a connection said {call!r}" for call in evidence.calls_of_canary]
    cases += ["the provider's key was sent to the CDN"] * evidence.key_seen_at_cdn
    lures = len(evidence.lured) + len(evidence.hostile) + len(evidence.forged)
    return verdict("E18", "connections to the canary", cases, "0", among=f"{lures} lures")


def states_only_go_forward(evidence: Evidence) -> Verdict:
    return verdict(
        "I6",
        "states left or gone back, seen in the rows",
        evidence.wrongs_seen,
        "0",
        among=f"{evidence.samples} samples",
    )
