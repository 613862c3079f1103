"""The calls: create, get, cancel, list, account, models."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import structlog

from app.domain.model import Model
from app.domain.ports import Listed, NotKnown, Pictures, Prices, ProviderRefused, Unavailable, Unsure
from app.domain.prediction import Prediction
from app.domain.report import Report
from app.domain.standard_webhooks import is_signed, key_of
from app.domain.work import Terms
from app.providers.client import ApiClient, Reply, ReplyLost
from app.providers.replicate import catalogue, failures, lists
from app.providers.replicate.reports import Words
from app.providers.replicate.routes import released_path, route_of

log = structlog.get_logger()

MOST_PAGES = 100
CREATE_SECONDS = 30.0
SHORTEST_DEADLINE_SECONDS = 5
EVENTS = ("start", "completed")
NOT_TAKEN = (429, 503)
MAYBE_TAKEN = (408, 425, 499)
NOT_THERE = (403, 404, 422)


class Replicate:
    name = catalogue.PROVIDER
    pictures = Pictures.URL

    def __init__(
        self,
        api: ApiClient,
        *,
        webhook_secrets: Sequence[str],
        prices: Prices,
        terms: Terms,
        clock: Callable[[], datetime],
        slugs: Sequence[str] = (),
        plain_http: bool = False,
    ) -> None:
        """`slugs` are offered beside the well-known models. `plain_http`: callbacks and outputs may be without TLS, as
        an emulator's are. Raises UnusableSecret."""
        self._api = api
        self._keys = [key_of(secret) for secret in webhook_secrets]
        self._words = Words(prices, ("https://", "http://") if plain_http else ("https://",))
        self._clock = clock
        self._slugs = tuple(dict.fromkeys((*catalogue.WELL_KNOWN, *slugs)))
        self._plain_http = plain_http
        self.terms = terms

    async def create(self, prediction: Prediction, callback_url: str) -> Report:
        route = route_of(prediction.model)
        if route is None:
            raise ProviderRefused(failures.UNKNOWN_MODEL)
        try:
            reply = await self._api.call(
                "POST",
                route.path,
                json={**route.fields, "input": dict(prediction.input), **self._webhook_fields(callback_url)},
                headers={"cancel-after": f"{self._deadline_seconds()}s"},
                seconds=CREATE_SECONDS,
                fresh=True,
            )
        except ReplyLost as error:
            raise Unsure(str(error)) from error
        return self._create_reply(reply)

    def _webhook_fields(self, callback_url: str) -> dict[str, Any]:
        """Empty for an address without TLS, with which the create would be refused; then the looks tell the end."""
        if not callback_url.startswith("https://") and not self._plain_http:
            return {}
        return {"webhook": callback_url, "webhook_events_filter": list(EVENTS)}

    def _deadline_seconds(self) -> int:
        """When we give up, counted there from the create."""
        return max(int(self.terms.longest_time.total_seconds()), SHORTEST_DEADLINE_SECONDS)

    def _create_reply(self, reply: Reply) -> Report:
        if reply.is_success and (report := self._words.report(reply.data)) is not None:
            return report
        if reply.status in NOT_TAKEN:
            raise _unavailable("create", reply)
        if 400 <= reply.status < 500 and reply.status not in MAYBE_TAKEN:
            raise ProviderRefused(failures.refusal(reply))
        raise Unsure(f"create answered {reply.status}")

    async def fetch(self, provider_id: str, model: str) -> Report:
        reply = await self._read(f"/predictions/{quote(provider_id, safe='')}")
        report = self._words.report(reply.data) if reply.is_success else None
        if report is not None:
            return report
        if reply.status == 404:
            raise NotKnown("get answered 404")
        raise _unavailable("get", reply)

    async def cancel(self, provider_id: str, model: str) -> None:
        """A race with its own end is normal; any answer but a lost one is for the next look to judge."""
        reply = await self._read(f"/predictions/{quote(provider_id, safe='')}/cancel", method="POST")
        if reply.status == 404:
            raise NotKnown("cancel answered 404")
        if reply.status == 429 or reply.status >= 500:
            raise _unavailable("cancel", reply)

    async def listed(self, model: str | None, since: datetime) -> list[Listed]:
        """Of one model: its entries, and those that repeat their webhook, whose token says more than a name."""
        query: str | None = lists.first_query(since)
        found: list[Listed] = []
        for _ in range(MOST_PAGES):
            entries, query = await self._page(query)
            read = [(entry, one) for entry in entries if (one := self._words.listed(entry)) is not None]
            found += [one for entry, one in read if lists.is_of(entry, one, model)]
            if query is None or any(lists.is_before(one, since) for _, one in read):
                break
        return found

    async def _page(self, query: str | None) -> tuple[list[Any], str | None]:
        """The entries, and the query of the next page if there is one."""
        reply = await self._read(f"/predictions?{query}")
        data = reply.data if isinstance(reply.data, Mapping) else {}
        entries = data.get("results")
        if not reply.is_success or not isinstance(entries, list):
            raise _unavailable("list", reply)
        try:
            return entries, lists.query_of(data.get("next"))
        except ValueError as error:
            raise Unavailable("list has a page that nobody can ask for") from error

    async def greet(self) -> datetime | None:
        reply = await self._read("/account")
        if reply.status in (401, 402, 403):
            raise ProviderRefused(failures.refusal(reply))
        if not reply.is_success:
            raise _unavailable("account", reply)
        return reply.date

    async def models(self) -> list[Model]:
        """Those that are still there. A list of none is an outage, since some of the names are surely right."""
        asked = await asyncio.gather(*map(self._model, self._slugs), return_exceptions=True)
        found: list[Model] = []
        for model in asked:
            if isinstance(model, BaseException):
                raise model
            found += [] if model is None else [model]
        if not found:
            raise Unavailable("none of the models is there")
        return found

    async def _model(self, slug: str) -> Model | None:
        """None for what is no name, not there, or not for us."""
        route = route_of(slug)
        entry = None if route is None else await self._entry(route.described_at)
        if entry is None:
            log.warning("model not offered", provider=self.name, model=slug)
            return None
        if (release := entry.get("current_release")) is not None:
            entry = await self._entry(released_path(release)) or {}
        return catalogue.described(slug, entry)

    async def _entry(self, path: str | None) -> Mapping[str, Any] | None:
        """What the API has there; nothing, but no absence either, where there is no path to ask."""
        if path is None:
            return {}
        reply = await self._read(path)
        if reply.status in NOT_THERE:
            return None
        if not reply.is_success or not isinstance(reply.data, Mapping):
            raise _unavailable("models", reply)
        return reply.data

    async def _read(self, path: str, method: str = "GET") -> Reply:
        """For calls that may be repeated: a lost reply is no worse than none."""
        try:
            return await self._api.call(method, path)
        except ReplyLost as error:
            raise Unavailable(str(error)) from error

    async def refresh_keys(self) -> None:
        """The secrets are in the settings."""

    def is_authentic(self, headers: Mapping[str, str], body: bytes) -> bool:
        return is_signed(headers, body, self._keys, self._clock())

    def read_delivery(self, body: bytes) -> Report:
        return self._words.delivery(body)


def _unavailable(what: str, reply: Reply) -> Unavailable:
    return Unavailable(f"{what} answered {reply.status}", failures.pause(reply), limited=reply.status == 429)
