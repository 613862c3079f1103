"""What a prediction costs, from its admission to its end, and the ledger's entries that say so.

Held when it is admitted; captured when it ends, by the provider's own bill, or by the price where work was done and no
sane bill came; released where nothing was billed. A bill that turns up after a release is captured late. `settled`
decides and `entries` tells the difference, so that the sum of a prediction's entries is always its state.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from app.domain.prediction import Prediction, Status

NOTHING = Decimal(0)


class EntryKind(StrEnum):
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"


class Remark(StrEnum):
    """What is odd about a capture."""

    ESTIMATED = "estimated"
    """No sane bill came; the price was taken."""
    OVER_THE_HOLD = "over the hold"
    LATE = "late"
    """After the end, when nothing was held any more."""


@dataclass(frozen=True, slots=True)
class Entry:
    """USD by which a balance changes. At most one of a kind for a prediction."""

    kind: EntryKind
    held: Decimal
    captured: Decimal = NOTHING
    remark: Remark | None = None


def settled(prediction: Prediction) -> Prediction:
    """With its money where its state wants it; the same object if it is there."""
    if not prediction.status.is_final:
        return prediction
    bill = _due(prediction) if prediction.captured is None else prediction.captured
    if prediction.held == NOTHING and bill == prediction.captured:
        return prediction
    return replace(prediction, held=NOTHING, captured=bill)


def entries(before: Prediction | None, after: Prediction) -> list[Entry]:
    """What the ledger has to note of a change; `before` None is the admission."""
    if before is None:
        return [Entry(EntryKind.HOLD, after.held)]
    if before.captured is None and after.captured is not None:
        return [Entry(EntryKind.CAPTURE, after.held - before.held, after.captured, _remark(before, after))]
    if after.held != before.held:
        return [Entry(EntryKind.RELEASE, after.held - before.held)]
    return []


def _due(prediction: Prediction) -> Decimal | None:
    """None where nothing was bought, as far as anybody knows."""
    was_made = prediction.status is Status.SUCCEEDED or bool(prediction.files)
    if prediction.billed is not None and (prediction.billed > 0 or was_made):
        return prediction.billed
    return prediction.price if was_made else None


def _remark(before: Prediction, after: Prediction) -> Remark | None:
    if before.status.is_final:
        return Remark.LATE
    if after.billed is None:
        return Remark.ESTIMATED
    return Remark.OVER_THE_HOLD if after.billed > before.held else None
