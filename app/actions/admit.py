"""Admit: one transaction for idempotency keys, rows, their holds and the owed submissions.

A create holds its caller's balances until its commit, so that those of one caller would go one after the other anyway.
Those that come while one is being committed go into the next transaction together. Where they cannot, since a budget
does not cover them all or a key is known already, each goes alone.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from app.actions.admission import Admission, Draw, admitted
from app.actions.check_pictures import hold_uploads
from app.actions.draft_prediction import draft
from app.actions.price_order import Priced
from app.actions.replay import named
from app.db import handovers, idempotency, predictions, unfinished
from app.db.engine import Transaction
from app.db.group_commit import GroupCommit
from app.db.idempotency import Naming
from app.domain.caller import Caller
from app.domain.errors import TemporarilyUnavailable
from app.domain.prediction import Prediction
from app.watch import tracing

MOST_TOGETHER = 20


@dataclass(frozen=True, slots=True, eq=False)
class Purchase:
    priced: Priced
    caller: Caller
    idempotency_key: str | None = None
    handover: int | None = None

    @property
    def identity(self) -> Hashable:
        """Of two with one key the second waits for what becomes of the first."""
        return self.idempotency_key or self


class _NotTogether(Exception):
    """What befalls one is no reason to refuse the others."""


async def admit(admission: Admission, purchase: Purchase) -> Prediction:
    """The new prediction, or the one that its key named before.

    Raises InvalidRequest, BudgetExceeded, TooManyUnfinished, IdempotencyConflict, TemporarilyUnavailable.
    """
    if tracing.is_on():  # a crowd would be of one trace
        (alone,) = await _admit(admission, [purchase])
        return alone
    crowds, caller = admission.crowds, purchase.caller
    crowd = crowds.setdefault(caller, GroupCommit(partial(_admit, admission), most=MOST_TOGETHER))
    try:
        return await crowd.add(purchase)
    finally:
        if crowd.is_idle:
            crowds.pop(caller, None)


async def _admit(admission: Admission, crowd: Sequence[Purchase]) -> list[Prediction]:
    return await admitted(admission.database, lambda: _admit_all(admission, crowd))


async def _admit_all(admission: Admission, crowd: Sequence[Purchase]) -> list[Prediction]:
    caller = crowd[0].caller
    async with admission.database.transaction() as tx:
        now = await predictions.time(tx)
        new = [draft(each.priced, caller, now, admission) for each in crowd]
        if not await _remember(tx, crowd, new):
            return [await _known(tx, *crowd)]
        await _hand_over(tx, crowd, new)
        draw = Draw.of(admission.budgets, caller, now, admission.spent)
        await draw.refuse_hopeless(tx, sum((each.held for each in new), Decimal(0)))
        await unfinished.admit(tx, caller, default=admission.max_unfinished, count=len(new))
        await hold_uploads(tx, *new)
        await draw.check(tx, await predictions.add(tx, *new))
    return new


async def _remember(tx: Transaction, crowd: Sequence[Purchase], new: Sequence[Prediction]) -> bool:
    namings = [
        Naming(each.idempotency_key, each.priced.order.fingerprint, prediction.id)
        for each, prediction in zip(crowd, new, strict=True)
        if each.idempotency_key is not None
    ]
    return not namings or await idempotency.remember(tx, crowd[0].caller.owner, *namings)


async def _known(tx: Transaction, one: Purchase, *others: Purchase) -> Prediction:
    if others or one.idempotency_key is None:
        raise _NotTogether
    found = await named(tx, one.caller.owner, one.idempotency_key, one.priced.order.fingerprint)
    if found is None:
        raise TemporarilyUnavailable("What the Idempotency-Key named was forgotten just now; ask again.")
    return found


async def _hand_over(tx: Transaction, crowd: Sequence[Purchase], new: Sequence[Prediction]) -> None:
    """In the order of their ids, so that nobody waits in a circle."""
    handed = [(each.handover, made.id) for each, made in zip(crowd, new, strict=True) if each.handover is not None]
    for handover, prediction_id in sorted(handed):
        if not await handovers.bought(tx, handover, prediction_id):
            if len(crowd) > 1:
                raise _NotTogether
            raise TemporarilyUnavailable("This create was taken for lost, and its retry served instead.")
