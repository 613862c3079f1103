"""E1–E4: every create has its row, every purchase too, nothing is bought twice, nothing sticks."""

from collections import Counter

from scripts.faultrun.checks.verdict import Verdict, not_measured, verdict
from scripts.faultrun.evidence import Evidence
from scripts.faultrun.history import FINAL, Story


def creates_have_one_row(evidence: Evidence) -> Verdict:
    rows = {row.id: row for row in evidence.rows}
    of_prompt = Counter((row.owner, row.prompt) for row in evidence.rows)
    created = [story for story in evidence.stories if story.is_created]
    cases = [f"{story.key}: answered {story.ids}, no such row" for story in created if story.ids[0] not in rows]
    cases += [
        f"{story.key}: {of_prompt[story.owner, story.prompt]} rows for one key"
        for story in evidence.stories
        if of_prompt[story.owner, story.prompt] > 1
    ]
    cases += [
        f"{story.key}: refused for want of money, and there is a row"
        for story in evidence.stories
        if _is_surely_refused(story) and of_prompt[story.owner, story.prompt]
    ]
    return verdict("E1", "creates answered 2xx without exactly one row", cases, "0", among=f"{len(created)}")


def _is_surely_refused(story: Story) -> bool:
    """Every try was; whoever got no answer, or left, may have ordered nevertheless."""
    tries = [answer for answer in story.answers if answer.what in ("create", "hang up")]
    return bool(tries) and all(answer.is_refusal for answer in tries)


def rows_are_final(evidence: Evidence) -> Verdict:
    cases = [
        f"{row.id} is {row.status}/{row.stage}, owes {row.work} after {row.attempts} attempts, "
        f"provider_id {row.provider_id}, token {row.token}"
        for row in evidence.rows
        if row.status not in FINAL
    ]
    after = "never" if evidence.drained_after is None else f"last after {evidence.drained_after:.0f} s"
    return verdict("E2", "rows not final after quiet", cases, "0", among=f"{len(evidence.rows)} ({after})")


def nothing_is_bought_twice(evidence: Evidence) -> Verdict:
    if not evidence.sold:
        return not_measured("E3", "creates accepted per key, most", "1", "the emulator sold nothing")
    bought = Counter(sold.prompt for sold in evidence.sold)
    cases = [
        f"{prompt!r} bought {count} times: {[sold.id for sold in evidence.sold if sold.prompt == prompt]}"
        for prompt, count in bought.items()
        if count > 1
    ]
    most, total = max(bought.values()), len(evidence.sold)
    return verdict(
        "E3", "creates accepted per key, most", cases, "1", among=f"{most} (of {total} sold)", holds=not cases
    )


def purchases_have_their_row(evidence: Evidence) -> Verdict:
    rows = {row.provider_id: row for row in evidence.rows if row.provider_id}
    tokens = {row.token: row for row in evidence.rows}
    cases = []
    for sold in evidence.sold:
        row = rows.get(sold.id)
        if row is None:
            meant = tokens.get(sold.token or "")
            cases.append(f"{sold.id} ({sold.status}) has no row; it was bought for {meant and (meant.id, meant.stage)}")
        elif row.prompt != sold.prompt:
            cases.append(f"{sold.id} is bound to {row.id}, which asked for something else")
    return verdict("E4", "purchases without their own row", cases, "0", among=f"{len(evidence.sold)}")
