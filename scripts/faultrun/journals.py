"""The lives of those predictions that a failed check names, so that each explains itself in the report."""

import re
from collections.abc import Iterable, Iterator, Sequence

from scripts.faultrun.checks import Verdict
from scripts.faultrun.evidence import Evidence, Moment, Row
from scripts.faultrun.house import House
from scripts.faultrun.taps import Exchange

NOTED = """SELECT prediction_id::text, extract(epoch FROM at)::float AS at, kind || ' ' || detail::text AS what
    FROM events WHERE prediction_id::text = ANY($1) ORDER BY id"""
APPLIED = """SELECT prediction_id::text, extract(epoch FROM applied_at)::float AS at,
    'delivery of ' || to_char(received_at, 'HH24:MI:SS.MS') || ' applied' || coalesce(': ' || trouble, '') AS what
    FROM deliveries WHERE applied_at IS NOT NULL AND prediction_id::text = ANY($1)"""
STATUS = re.compile(rb'"status"\s*:\s*"([^"]*)"')


def named(verdicts: Iterable[Verdict], evidence: Evidence) -> list[Row]:
    """The rows of the predictions, purchases and orders in the cases of what failed."""
    text = "\n".join(case for each in verdicts if each.outcome == "FAIL" for case in each.cases)
    ordered = {
        made for story in evidence.stories if f"{story.key}:" in text or f"{story.key} " in text for made in story.ids
    }
    return [row for row in evidence.rows if row.id in text or row.id in ordered or (row.provider_id or row.id) in text]


async def gather_journals(house: House, rows: Sequence[Row], deliveries: Sequence[Exchange]) -> dict[str, list[Moment]]:
    """By row, oldest first: its journal, and its deliveries as they passed and as they were applied."""
    found = {row.id: list(delivered(row, deliveries)) for row in rows}
    if not rows:
        return found
    connection = await house.database.connect()
    try:
        for query in (NOTED, APPLIED):
            for row in await connection.fetch(query, list(found)):
                found[row["prediction_id"]].append(Moment(row["at"], row["what"]))
    finally:
        await connection.close(timeout=5)
    return {name: sorted(moments, key=lambda moment: moment.at) for name, moments in found.items()}


def delivered(row: Row, deliveries: Iterable[Exchange]) -> Iterator[Moment]:
    if row.provider_id is None:
        return
    for each in deliveries:
        if row.provider_id.encode() in each.body:
            status = STATUS.search(each.body)
            told = status[1].decode(errors="replace") if status else "?"
            yield Moment(each.asked_at, f"delivery of {told!r} answered {each.status or 'nothing'}")
