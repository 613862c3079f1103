"""Deliveries at our door: none is judged without keys, and none reaches the database unjudged."""

from typing import cast

import httpx
import pytest

from app.actions.intake import Intake
from app.actions.receive_webhook import receive_webhook
from app.db.engine import Database
from app.domain.errors import InvalidSignature, TemporarilyUnavailable
from app.providers.fal import Fal
from tests.providers.fal.samples import SIGNER, STRANGER, as_body, delivery, jwks, signed
from tests.providers.stub import ApiStub

BODY = as_body(delivery())
NOWHERE = Intake(cast(Database, None))


async def test_a_delivery_that_cannot_be_judged_yet_is_asked_for_again(fal: Fal, api: ApiStub) -> None:
    api.answers(httpx.ConnectError("no"))
    with pytest.raises(TemporarilyUnavailable):
        await receive_webhook(NOWHERE, fal, headers=signed(BODY), body=BODY)


async def test_the_first_delivery_of_a_process_brings_the_keys(fal: Fal, api: ApiStub) -> None:
    api.says(jwks(SIGNER))
    with pytest.raises(InvalidSignature):
        await receive_webhook(NOWHERE, fal, headers=signed(BODY, key=STRANGER), body=BODY)
    assert len(api.requests) == 1
    assert fal.is_authentic(signed(BODY), BODY)
