"""E19–E24: honest errors, quiet logs, quick recovery, bounded growth."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from scripts.faultrun.checks.outages import away_for_creates
from scripts.faultrun.checks.verdict import Verdict, not_measured, verdict
from scripts.faultrun.evidence import Evidence
from scripts.faultrun.gauges import Gauge
from scripts.faultrun.history import Answer
from scripts.faultrun.windows import Window, overlap

RECOVERED_P95, RECOVERED_MAX = 3.0, 10.0
CREATED = 0.995
MOST_GROWTH, MOST_DESCRIPTORS = 30 * 2**20, 20
AT_REST = 3.0
MOST_DEADLOCKS, MOST_LOCK_WAITS = 5, 20


def errors_are_honest(evidence: Evidence) -> Verdict:
    wrong = Counter(
        f"{each.what} answered {each.status} {each.trouble[:200]}"
        for each in _answers(evidence)
        if each.status >= 500 and (each.status != 503 or not each.retry_after)
    )
    wrong.update(
        f"a delivery answered {each.status}"
        for each in evidence.heard
        if each.status is not None and each.status >= 500 and each.status != 503
    )
    cases = [f"{count} times: {like}" for like, count in wrong.most_common()]
    tracebacks = sum(evidence.logs.tracebacks.values())
    cases += [f"{count} times: {like}" for like, count in evidence.logs.tracebacks.items()]
    cases += [
        f"{each.name} ended by itself with {each.exit_code}: {each.last_words[-300:]}" for each in evidence.surprises
    ]
    measured = f"{wrong.total()}; {tracebacks}; {len(evidence.surprises)} ended by themselves"
    return verdict(
        "E19", "answers 5xx but 503 with Retry-After; tracebacks", cases, "0; 0; 0", among=measured, holds=not cases
    )


def secrets_stay_secret(evidence: Evidence) -> Verdict:
    shown = [f"{each.what} {each.trouble}" for each in _answers(evidence) if each.trouble.startswith("shows ")]
    where = f"{evidence.logs.lines} log lines, the answers" + (
        ", /metrics" if evidence.has_metrics else "; no /metrics yet"
    )
    return verdict("E20", "planted secrets in logs, metrics, answers", evidence.logs.secrets + shown, "0", among=where)


def recovery_is_quick(evidence: Evidence) -> Verdict:
    what, must = "seconds from a fault's end to the first good create", "p95 ≤ 3, max ≤ 10"
    good = sorted(
        each.at for story in evidence.stories for each in story.answers if each.what == "create" and each.status == 201
    )
    away = away_for_creates(evidence)
    ends = [(_serviceable(dealt.ended, away), dealt) for dealt in evidence.dealt]
    waits = [(_until_next(good, end, away), dealt) for end, dealt in ends if end < evidence.faults_ended]
    known = sorted(wait for wait, _ in waits if wait is not None)
    if not known:
        return not_measured("E21", what, must, "no create followed a fault")
    p95, most = known[math.ceil(0.95 * len(known)) - 1], known[-1]
    cases = [
        f"{wait:.1f} s after {dealt.strike.kind} {dealt.strike.target} at {dealt.ended:.1f}"
        for wait, dealt in waits
        if wait is not None and wait > RECOVERED_P95
    ]
    return verdict(
        "E21",
        what,
        cases,
        must,
        among=f"p95 {p95:.1f}, max {most:.1f}",
        holds=p95 <= RECOVERED_P95 and most <= RECOVERED_MAX,
    )


def _serviceable(moment: float, away: Sequence[Window]) -> float:
    """Where another fault still keeps all creates away, that one's end."""
    return next((end for begin, end in away if begin <= moment < end), moment)


def _until_next(times: Sequence[float], moment: float, away: Sequence[Window]) -> float | None:
    """Without the times when a later fault kept all creates away."""
    return next((at - moment - overlap((moment, at), away) for at in times if at >= moment), None)


def creates_succeed(evidence: Evidence) -> Verdict:
    """Of those that had money; a refusal for want of it is neither a success nor a failure."""
    away, refused = away_for_creates(evidence), sum(story.is_refused for story in evidence.stories)
    affordable = [story for story in evidence.stories if story.tries and not story.is_refused]
    asked = [story for story in affordable if overlap((story.ordered_at, story.settled_at), away) == 0]
    failed = [story for story in asked if not story.is_created]
    share = 1 - len(failed) / len(asked) if asked else 0.0
    cases = [f"{story.key}: {[(each.status, each.code or each.trouble) for each in story.answers]}" for story in failed]
    fell = len(evidence.stories) - refused - len(asked)
    measured = f"{100 * share:.2f} % of {len(asked)} ({fell} fell into outages, {refused} had no money)"
    return verdict(
        "E22", "creates that succeed within 3 retries", cases, "≥ 99.5 %", among=measured, holds=share >= CREATED
    )


def growth_is_bounded(evidence: Evidence) -> Verdict:
    telling = [gauge for gauge in evidence.gauges if gauge.is_telling]
    what, must = "growth of memory; descriptors; connections", "≤ 30 MiB; ≤ +20; ≤ configured"
    if not telling:
        return not_measured("E23", what, must, "no process lived for 25 s")
    at_rest = _alive_at_the_end(telling)
    grown = max(gauge.rss - gauge.warm_rss for gauge in telling)
    opened = [gauge.descriptors - gauge.warm_descriptors for gauge in telling if gauge in at_rest]
    cases = [
        f"{gauge.name} ({gauge.pid}) grew by {(gauge.rss - gauge.warm_rss) / 2**20:.1f} MiB, "
        f"{gauge.descriptors - gauge.warm_descriptors} descriptors in {gauge.until - gauge.since:.0f} s"
        for gauge in telling
        if gauge.rss - gauge.warm_rss > MOST_GROWTH
        or (gauge in at_rest and gauge.descriptors - gauge.warm_descriptors > MOST_DESCRIPTORS)
    ]
    if evidence.most_connections > evidence.allowed_connections:
        cases.append(f"{evidence.most_connections} connections to Postgres")
    connections = f"{evidence.most_connections} of {evidence.allowed_connections}"
    most = f"{max(opened):+d}" if opened else "?"
    measured = f"{grown / 2**20:+.1f} MiB; {most}; {connections} ({len(telling)} processes)"
    return verdict("E23", what, cases, must, among=measured, holds=not cases)


def _alive_at_the_end(gauges: Sequence[Gauge]) -> list[Gauge]:
    """Whoever died under load had the connections of many clients open; only at rest descriptors tell of a leak."""
    last = max(gauge.until for gauge in gauges)
    return [gauge for gauge in gauges if gauge.until > last - AT_REST]


def the_database_is_calm(evidence: Evidence) -> Verdict:
    logs = evidence.logs
    holds = logs.deadlocks <= MOST_DEADLOCKS and logs.lock_waits <= MOST_LOCK_WAITS
    measured = f"{logs.deadlocks}; {logs.lock_waits}"
    return verdict("E24", "deadlocks; lock waits over 1 s", [], "≤ 5; ≤ 20", among=measured, holds=holds)


def _answers(evidence: Evidence) -> Iterable[Answer]:
    return [*(each for story in evidence.stories for each in story.answers), *evidence.hostile]
