"""The calls: create, a job's result, the balance."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from app.domain.model import Model
from app.domain.ports import (
    Listed,
    NotKnown,
    Pictures,
    ProviderRefused,
    Unavailable,
    UnreadableDelivery,
    Unsure,
)
from app.domain.prediction import Prediction
from app.domain.report import Report
from app.domain.work import Terms
from app.providers.client import ApiClient, Reply, ReplyLost
from app.providers.stability import failures, replies, requests
from app.providers.stability.offers import PROVIDER, Offer

CREATE_SECONDS = 150.0
"""Most pictures take seconds, some a minute; whoever hangs up has paid for what he does not see."""
RESULT_SECONDS = 60.0
LARGEST_PICTURE_BYTES = 64 * 2**20


def api_headers(key: str) -> dict[str, str]:
    """`accept` asks for the bytes themselves, a third fewer than base64 in JSON; errors are JSON all the same."""
    return {"authorization": f"Bearer {key}", "accept": "image/*", "stability-client-id": "darkroom"}


class Stability:
    """A synchronous prediction's id there is our own, since nothing can be asked for by any other."""

    name = PROVIDER
    pictures = Pictures.DATA
    rate = (150, timedelta(seconds=10))
    """Requests of one key, creates and looks together."""

    def __init__(self, api: ApiClient, *, offers: tuple[Offer, ...], terms: Terms) -> None:
        self._api = api
        self._offers = {offer.model.slug: offer for offer in offers}
        self.terms = terms

    async def create(self, prediction: Prediction, callback_url: str) -> Report:
        offer = self._offers.get(prediction.model)
        if offer is None:
            raise ProviderRefused(failures.UNKNOWN_MODEL)
        parts: Any = requests.parts_of(offer, prediction.input)
        try:
            reply = await self._api.call(
                "POST",
                f"/v2beta/stable-image/{offer.path}",
                seconds=CREATE_SECONDS,
                fresh=True,
                largest=LARGEST_PICTURE_BYTES,
                files=parts,
            )
        except ReplyLost as error:
            raise Unsure(str(error)) from error
        if offer.is_job:
            return replies.read_started(reply)
        return replies.read_made(str(prediction.id), reply, _price(offer))

    async def fetch(self, provider_id: str, model: str) -> Report:
        """Of jobs alone: all else was told at once, or never."""
        offer = self._offers.get(model)
        if offer is None or not offer.is_job:
            raise NotKnown("nothing is kept there")
        path = f"/v2beta/results/{quote(provider_id, safe='')}"
        reply = await self._read(path, seconds=RESULT_SECONDS, largest=LARGEST_PICTURE_BYTES)
        return replies.read_result(provider_id, reply, _price(offer))

    async def cancel(self, provider_id: str, model: str) -> None:
        """Nobody there can be asked to stop. The next look tells how it ended all the same."""

    async def listed(self, model: str | None, since: datetime) -> Sequence[Listed]:
        """Nothing: a create whose answer was lost is found nowhere. Of all models together nothing would be a false
        statement of account: for that it raises Unavailable."""
        if model is None:
            raise Unavailable("stability lists no bills")
        return ()

    async def greet(self) -> datetime | None:
        """By asking for the balance. An empty account is a no like that to a wrong key."""
        reply = await self._balance()
        if _credits(reply) == 0:
            raise ProviderRefused(failures.NO_CREDITS)
        return reply.date

    async def credits(self) -> Decimal:
        """What is left, at a cent each. Raises Unavailable or ProviderRefused."""
        return _credits(await self._balance())

    async def models(self) -> Sequence[Model]:
        """Those of the table; nothing is asked."""
        return tuple(offer.model for offer in self._offers.values())

    async def _balance(self) -> Reply:
        reply = await self._read("/v1/user/balance", headers={"accept": "application/json"})
        if reply.status in (401, 402, 403):
            raise ProviderRefused(failures.refusal(reply.status, failures.name_of(reply.data)))
        if not reply.is_success:
            raise replies.unavailable("balance", reply)
        return reply

    async def _read(self, path: str, **options: Any) -> Reply:
        """For calls that may be repeated: a lost reply is no worse than none."""
        try:
            return await self._api.call("GET", path, **options)
        except ReplyLost as error:
            raise Unavailable(str(error)) from error

    async def refresh_keys(self) -> None:
        """There are none."""

    def is_authentic(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Stability calls nobody back."""
        return False

    def read_delivery(self, body: bytes) -> Report:
        raise UnreadableDelivery("stability sends none")


def _price(offer: Offer) -> Decimal | None:
    """USD: no answer tells a bill, so it is what the table says."""
    return offer.model.price.amount if offer.model.price else None


def _credits(reply: Reply) -> Decimal:
    told = reply.data.get("credits") if isinstance(reply.data, Mapping) else None
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told < math.inf:
        raise Unavailable("balance makes no sense")
    return Decimal(str(told))
