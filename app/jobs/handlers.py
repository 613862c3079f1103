"""From a job to its action."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.actions.collect_outputs import Collecting, collect_outputs
from app.actions.reconcile import reconcile
from app.actions.submit_prediction import submit_prediction
from app.db.engine import Database
from app.domain.ports import Providers
from app.domain.work import WorkKind

Handler = Callable[[UUID], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a worker works with. `lease` is how long a silent attempt keeps others off."""

    database: Database
    providers: Providers
    collecting: Collecting
    public_url: str
    lease: timedelta
    slots: int


def handlers(shop: Workshop) -> dict[WorkKind, Handler]:
    async def submit(prediction_id: UUID) -> None:
        await submit_prediction(
            shop.database, shop.providers, prediction_id, public_url=shop.public_url, lease=shop.lease
        )

    async def look(prediction_id: UUID) -> None:
        await reconcile(shop.database, shop.providers, prediction_id, public_url=shop.public_url, lease=shop.lease)

    async def collect(prediction_id: UUID) -> None:
        await collect_outputs(shop.database, shop.providers, shop.collecting, prediction_id, lease=shop.lease)

    return {WorkKind.SUBMIT: submit, WorkKind.RECONCILE: look, WorkKind.COLLECT: collect}
