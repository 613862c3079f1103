"""From a job to its action."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from app.actions.cancel_prediction import cancel_at_provider
from app.actions.collect_outputs import collect_outputs
from app.actions.fetch_output import Collecting
from app.actions.notify_client import Render, notify_client
from app.actions.reconcile import reconcile
from app.actions.resolve_pictures import PictureSources
from app.actions.retain import Retention
from app.actions.shared_lists import SharedLists
from app.actions.submit_prediction import submit_prediction
from app.db.engine import Database
from app.db.jobs import NOTIFY
from app.domain.budgets import BudgetPolicy
from app.domain.endpoints import Patience
from app.domain.ports import Providers
from app.domain.work import WorkKind

Handler = Callable[[UUID], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a worker works with. `lease` is how long a silent attempt keeps others off.

    `orphan_age_seconds`: blobs older than this that no row names are removed, looked for every `orphan_sweep_seconds`,
    since a bucket's listing is billed. `alert_url` is told of spent budgets, `patience` is for
    endpoints that fail.
    `drain_seconds`: for so long the work at hand may go on after the word to stop.
    """

    database: Database
    providers: Providers
    collecting: Collecting
    sources: PictureSources
    public_url: str
    lease: timedelta
    slots: int
    render: Render
    orphan_age_seconds: float
    orphan_sweep_seconds: float
    budgets: BudgetPolicy
    retention: Retention
    alert_url: str = field(repr=False)
    patience: Patience
    drain_seconds: float = 12.0


def handlers(shop: Workshop) -> dict[str, Handler]:
    """By the job's name; each takes the id that the job carries."""

    lists = SharedLists()

    async def submit(prediction_id: UUID) -> None:
        await submit_prediction(
            shop.database,
            shop.providers,
            shop.collecting,
            shop.sources,
            prediction_id,
            public_url=shop.public_url,
            lease=shop.lease,
        )

    async def look(prediction_id: UUID) -> None:
        await reconcile(shop.database, shop.providers, lists, shop.collecting, prediction_id, lease=shop.lease)

    async def collect(prediction_id: UUID) -> None:
        await collect_outputs(shop.database, shop.providers, shop.collecting, prediction_id, lease=shop.lease)

    async def cancel(prediction_id: UUID) -> None:
        await cancel_at_provider(shop.database, shop.providers, shop.collecting, prediction_id, lease=shop.lease)

    notifying = set[UUID]()

    async def notify(notice_id: UUID) -> None:
        """By half of the slots at most, since receivers may be slow: what is left alone here stays due."""
        if len(notifying) >= shop.slots // 2:
            return
        notifying.add(notice_id)
        try:
            await notify_client(shop.database, shop.collecting.http, shop.render, notice_id, lease=shop.lease)
        finally:
            notifying.discard(notice_id)

    return {
        WorkKind.SUBMIT: submit,
        WorkKind.RECONCILE: look,
        WorkKind.COLLECT: collect,
        WorkKind.CANCEL: cancel,
        NOTIFY: notify,
    }
