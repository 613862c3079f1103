"""What an assistant can call."""

from contextlib import suppress
from itertools import count
from typing import Any
from uuid import uuid4

from mcp.server.mcpserver import Context
from mcp.types import CallToolResult

from app.mcp import answers, words
from app.mcp.answers import plain, refusals_told
from app.mcp.api import Answer, Api, Away, Refused, Tell
from app.mcp.arguments import (
    Cursor,
    Days,
    Id,
    Key,
    Limit,
    ModelName,
    OfModel,
    OneModel,
    Operation,
    Options,
    Pictures,
    Prompt,
    Status,
    Wait,
)


class Tools:
    """Their docstrings are what assistants read."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @refusals_told
    async def create_prediction(
        self,
        ctx: Context,
        *,
        prompt: Prompt = None,
        model: ModelName = None,
        options: Options = None,
        wait: Wait = 50,
        pictures: Pictures = True,
        idempotency_key: Key = None,
    ) -> CallToolResult:
        """Make a picture, video or tune. This costs money: `quote` tells how much, with the same arguments.

        Answers with links to the stored files once it is done, or with the id when the time to wait is over.
        """
        key = idempotency_key or f"mcp-{uuid4()}"
        try:
            made = await self._api.post("/api/generate", _form(prompt, model, options), key=key)
        except (Away, Refused) as trouble:
            return answers.not_ordered(trouble, key)
        with suppress(Away, Refused):  # it is ordered, and its id is worth more than what went wrong since
            made = await self._api.follow(made, wait, _teller(ctx))
        return await answers.of_prediction(self._api, made, pictures=pictures, idempotency_key=key)

    @refusals_told
    async def quote(self, prompt: Prompt = None, model: ModelName = None, options: Options = None) -> CallToolResult:
        """What create_prediction would cost with the same arguments. Buys nothing."""
        told = await self._api.post("/api/quote", _form(prompt, model, options))
        return plain(words.of_quote(told), told)

    @refusals_told
    async def get_prediction(
        self, ctx: Context, prediction_id: Id, wait: Wait = 0, pictures: Pictures = True
    ) -> CallToolResult:
        """One prediction as it is now, or once it has ended if there is time to wait."""
        found = await self._api.get(f"/api/predictions/{prediction_id}")
        ended = await self._api.follow(found, wait, _teller(ctx)) if wait else found
        return await answers.of_prediction(self._api, ended, pictures=pictures)

    @refusals_told
    async def list_predictions(
        self, limit: Limit = 10, status: Status = None, model: OfModel = None, cursor: Cursor = None
    ) -> CallToolResult:
        """The latest predictions, newest first."""
        page = await self._api.get("/api/predictions", limit=limit, status=status, model=model, cursor=cursor)
        more = [f"More: call again with cursor={page['next']!r}."] if page["next"] else []
        lines = [words.in_a_line(each) for each in page["data"]] or ["There are none."]
        return plain("\n".join([*lines, *more]), page)

    @refusals_told
    async def cancel_prediction(self, prediction_id: Id) -> CallToolResult:
        """Cancel an unfinished prediction, at the provider too. What it makes all the same is stored and booked."""
        told = await self._api.post(f"/api/predictions/{prediction_id}/cancel")
        return await answers.of_prediction(self._api, told, pictures=False)

    @refusals_told
    async def list_models(self, operation: Operation = None, model: OneModel = None) -> CallToolResult:
        """Which models there are, what they can do, what they cost and how long they take."""
        found = await self._api.get("/api/models", operation=operation)
        if model is not None:
            chosen = [each for each in found["data"] if model in (each["model"], f"{each['provider']}/{each['model']}")]
            lines = [f"{words.of_model(each)}\n{words.compact(each['input_schema'])}" for each in chosen]
        else:
            chosen = [{name: each[name] for name in each if name != "input_schema"} for each in found["data"]]
            lines = [words.of_model(each) for each in chosen]
        away = [f"Not to be had just now: {', '.join(found['unavailable'])}."] if found["unavailable"] else []
        told = {"data": chosen, "unavailable": found["unavailable"]}
        return plain("\n".join([*(lines or ["There is none."]), *away]), told)

    @refusals_told
    async def get_costs(self, days: Days = 7) -> CallToolResult:
        """What was spent today and ever, what is held, what is left of the budget, by day and model."""
        told = await self._api.get("/api/costs", days=days)
        return plain(words.of_costs(told), told)


def _form(prompt: str | None, model: str | None, options: dict[str, Any] | None) -> Answer:
    named = {"prompt": prompt, "model": model}
    return (options or {}) | {name: value for name, value in named.items() if value is not None}


def _teller(ctx: Context) -> Tell:
    """Progress has to grow each time it is told, and how much there is nobody knows."""
    times = count(1)

    async def tell(prediction: Answer) -> None:
        await ctx.report_progress(next(times), message=prediction["stage"])

    return tell
