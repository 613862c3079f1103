"""Reading one prediction: from memory where that is allowed, else from the database."""

from collections.abc import Callable
from time import monotonic
from uuid import UUID

from app.actions.read_predictions import read_prediction
from app.db.changes import Changes
from app.db.engine import Database
from app.domain.errors import PredictionNotFound
from app.web.polls.memory import Memory
from app.web.polls.rendered import Render, Rendered


class Reads:
    def __init__(self, database: Database, changes: Changes, render: Render, *, most_bytes: int) -> None:
        self._database = database
        self._render = render
        self.changes = changes
        self.memory = Memory[Rendered](lambda: changes.is_current, most_bytes)

    def known(self, prediction_id: UUID, *, at_least: int = 0) -> Rendered | None:
        """From memory alone. `at_least` is the newest version that the client has seen: never an older one."""
        found = self.memory.get(prediction_id)
        return None if found is None or found.version < at_least else found

    async def read(self, prediction_id: UUID, *, owner: str | None, at_least: int = 0) -> Rendered:
        """`owner` None is for the bearer of the prediction's own client token. Raises PredictionNotFound."""
        found = self.known(prediction_id, at_least=at_least)
        if found is None:
            found = await self.memory.read(prediction_id, lambda: self._load(prediction_id))
        if found is None or owner not in (None, found.owner):
            raise PredictionNotFound("There is no such prediction.")
        return found

    async def wait(
        self, prediction_id: UUID, *, owner: str, seconds: float, until: Callable[[Rendered], bool]
    ) -> Rendered:
        """The prediction once it is final, `until` says so, or `seconds` have passed; nothing is held meanwhile.

        Raises PredictionNotFound.
        """
        end = monotonic() + seconds
        with self.changes.of(prediction_id) as change:
            while True:
                found = await self.read(prediction_id, owner=owner)
                if found.is_final or until(found):
                    return found
                while (left := end - monotonic()) > 0 and not await change.wait(left):
                    pass
                if left <= 0:
                    return found

    async def _load(self, prediction_id: UUID) -> Rendered | None:
        try:
            return self._render(await read_prediction(self._database, prediction_id, owner=None))
        except PredictionNotFound:
            return None
