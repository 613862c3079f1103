"""The running of a prediction, from accepted to its end, and again after a restart."""

import asyncio
import logging
import time
from typing import Any

from scripts.emulator import outputs
from scripts.emulator.book import EVENT_OF, Book, Prediction
from scripts.emulator.outputs import Outputs
from scripts.emulator.webhooks import Webhooks

log = logging.getLogger("emulator")


class Work:
    def __init__(self, book: Book, files: Outputs, webhooks: Webhooks) -> None:
        self._book, self._files, self._webhooks = book, files, webhooks
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def resume(self) -> None:
        for prediction in self._book.predictions.values():
            for about in sorted(prediction.owed, key=("started", "completed", "failed", "canceled").index):
                self._webhooks.announce(prediction, about)
            if not prediction.final and not prediction.deleted:
                self.begin(prediction)

    def begin(self, prediction: Prediction) -> None:
        task = asyncio.create_task(self._run(prediction), name=prediction.id)
        self._tasks[prediction.id] = task
        task.add_done_callback(lambda ended: self._ended(prediction, ended))

    def cancel(self, prediction: Prediction) -> None:
        self._finish(prediction, "cancelled", error=None)
        if task := self._tasks.get(prediction.id):
            task.cancel()

    @property
    def running(self) -> int:
        return len(self._tasks)

    def stop(self) -> None:
        for task in list(self._tasks.values()):
            task.cancel()

    async def _run(self, prediction: Prediction) -> None:
        late = self._book.hit("late_start", prediction)
        begin = prediction.created_at + (late["seconds"] if late else 0)
        length = 0.0 if prediction.kind.at_once else self._book.dialect.duration
        await _until(begin + length / 2)
        self._start(prediction)
        await _until(begin + length * 0.6)
        self._book.write(event="moved", id=prediction.id, status="processing", at=time.time())
        await _until(begin + length)
        while self._book.hit("never_finish", prediction):
            await self._book.faults.lifted.wait()
        await self._end(prediction)

    def _start(self, prediction: Prediction) -> None:
        if prediction.started_at is None:
            self._book.write(event="moved", id=prediction.id, status="starting", at=time.time())
            self._webhooks.announce(prediction, "started")

    async def _end(self, prediction: Prediction) -> None:
        if self._book.hit("nsfw", prediction):
            return self._finish(prediction, "failed", error="NSFW content detected.")
        if self._book.hit("fail", prediction):
            return self._finish(prediction, "failed", error="Failed to generate image.")
        recipe = {"art": self._book.dialect.art, "exact": self._book.dialect.output_bytes}
        count = prediction.kind.outputs(prediction.input)
        files = [await self._made(prediction, at, recipe) for at in range(count)]
        cost = round(prediction.kind.price * count, 6)
        return self._finish(prediction, "succeeded", error=None, files=files, cost=cost, recipe=recipe)

    async def _made(self, prediction: Prediction, at: int, recipe: dict[str, Any]) -> dict[str, Any]:
        output = await self._files.get(outputs.recipe(prediction.model, prediction.input, at, **recipe))
        return {
            "path": f"/cdn/{prediction.id}/{at}.{output.suffix}",
            "type": output.content_type,
            "size": output.size,
            "sha256": await self._files.sha256(output),
        }

    def _finish(
        self,
        prediction: Prediction,
        status: str,
        *,
        error: str | None,
        files: list[dict[str, Any]] | None = None,
        cost: float = 0.0,
        recipe: dict[str, Any] | None = None,
    ) -> None:
        if prediction.final:
            return
        self._book.write(
            event="finished",
            id=prediction.id,
            status=status,
            at=time.time(),
            error=error,
            credits=cost,
            files=files or [],
            recipe=recipe or {},
        )
        log.info("%s %s", prediction.id, status)
        self._webhooks.announce(prediction, EVENT_OF[status])

    def _ended(self, prediction: Prediction, task: asyncio.Task[None]) -> None:
        self._tasks.pop(prediction.id, None)
        if not task.cancelled() and (trouble := task.exception()):
            log.error("%s broke: %r", prediction.id, trouble)


async def _until(moment: float) -> None:
    wait = moment - time.time()
    if wait > 0:
        await asyncio.sleep(wait)
