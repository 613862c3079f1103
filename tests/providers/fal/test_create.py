import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.domain.ports import ProviderRefused, Unavailable, Unsure
from app.domain.prediction import Failure, FailureCode
from app.domain.report import ProviderState, Report
from app.providers.fal import Fal
from tests.providers.fal.samples import (
    CALLBACK,
    ID,
    KEY,
    PREDICTION,
    QUEUE,
    fal_of,
    infrastructure_error,
    taken,
    validation_error,
)
from tests.providers.stub import ApiStub


async def refused(fal: Fal) -> Failure:
    with pytest.raises(ProviderRefused) as caught:
        await fal.create(PREDICTION, CALLBACK)
    return caught.value.failure


async def test_a_create_is_one_documented_request(fal: Fal, api: ApiStub) -> None:
    api.says(taken())
    await fal.create(PREDICTION, CALLBACK)
    [request] = api.requests
    assert (request.method, str(request.url.copy_with(query=None))) == ("POST", f"{QUEUE}/fal-ai/flux/dev")
    assert dict(request.url.params) == {"fal_webhook": CALLBACK}
    assert request.headers["authorization"] == f"Key {KEY}"
    assert api.last_body == PREDICTION.input


async def test_a_create_says_for_how_long_outputs_are_to_be_kept(fal: Fal, api: ApiStub) -> None:
    api.says(taken())
    await fal.create(PREDICTION, CALLBACK)
    preference = json.loads(api.last.headers["x-fal-object-lifecycle-preference"])
    assert preference == {"expiration_duration_seconds": fal.terms.output_lifetime.total_seconds()}


@pytest.mark.parametrize("gateway_id", [ID, "another", None])
async def test_the_id_is_the_requests_and_not_the_gateways(fal: Fal, api: ApiStub, gateway_id: str | None) -> None:
    api.says(taken(gateway_request_id=gateway_id))
    assert await fal.create(PREDICTION, CALLBACK) == Report(ID, ProviderState.QUEUED)


@pytest.mark.parametrize(
    "data", [None, {}, [], "7d6f", {"request_id": None}, {"request_id": 7}, {"request_id": ".."}, {"id": ID}]
)
async def test_a_success_that_names_no_request_may_have_been_a_purchase(fal: Fal, api: ApiStub, data: Any) -> None:
    api.says(data)
    with pytest.raises(Unsure):
        await fal.create(PREDICTION, CALLBACK)


@pytest.mark.parametrize("model", ["", "/", "fal-ai/", "fal-ai//dev", "fal-ai/../admin", "."])
async def test_what_can_be_no_endpoint_is_refused_unasked(fal: Fal, api: ApiStub, model: str) -> None:
    with pytest.raises(ProviderRefused) as caught:
        await fal.create(replace(PREDICTION, model=model), CALLBACK)
    assert caught.value.failure.message == "The provider has no such model."
    assert api.requests == []


async def test_a_model_stays_within_the_path(fal: Fal, api: ApiStub) -> None:
    api.says(taken())
    await fal.create(replace(PREDICTION, model="fal-ai/a?b=c#d/e f"), CALLBACK)
    assert api.last.url.raw_path.decode().startswith("/fal-ai/a%3Fb%3Dc%23d/e%20f?fal_webhook=")


async def test_the_limit_on_our_account_is_told_with_its_pause(fal: Fal, api: ApiStub) -> None:
    api.says(infrastructure_error("concurrent_requests_limit"), status=429, headers={"retry-after": "7"})
    with pytest.raises(Unavailable) as caught:
        await fal.create(PREDICTION, CALLBACK)
    assert (caught.value.retry_after, caught.value.concerns_all) == (timedelta(seconds=7), True)


async def test_a_limit_without_a_pause_concerns_all_as_well(fal: Fal, api: ApiStub) -> None:
    api.says({"detail": "slow down"}, status=429)
    with pytest.raises(Unavailable) as caught:
        await fal.create(PREDICTION, CALLBACK)
    assert (caught.value.retry_after, caught.value.concerns_all) == (None, True)


async def test_a_503_has_taken_nothing_only_if_it_says_when_to_come_back(fal: Fal, api: ApiStub) -> None:
    api.says(status=503, headers={"retry-after": "2"})
    with pytest.raises(Unavailable):
        await fal.create(PREDICTION, CALLBACK)
    api.says(status=503)
    with pytest.raises(Unsure):
        await fal.create(PREDICTION, CALLBACK)


@pytest.mark.parametrize("status", [302, 408, 409, 425, 499, 500, 502, 504])
async def test_what_a_proxy_may_have_passed_on_is_never_bought_again(fal: Fal, api: ApiStub, status: int) -> None:
    api.says({"detail": "no"}, status=status)
    with pytest.raises(Unsure):
        await fal.create(PREDICTION, CALLBACK)


REFUSALS: list[tuple[int, Any, str, str | None]] = [
    (400, infrastructure_error("bad_request"), "The provider refused this request.", "bad_request"),
    (401, {"detail": "Authentication is required"}, "The provider does not accept our API key.", None),
    (402, {"detail": "Pay"}, "Our account with the provider has too few credits.", None),
    (403, {"detail": "Forbidden"}, "The provider does not allow our account this request.", None),
    (
        403,
        {"detail": "User is locked. Reason: Exhausted balance."},
        "Our account with the provider has too few credits.",
        None,
    ),
    (404, {"detail": "Application 'flux' not found"}, "The provider has no such model.", None),
    (422, validation_error(), "The provider found the input invalid.", "value_error.missing"),
    (422, {"detail": "their words"}, "The provider found the input invalid.", None),
]


@pytest.mark.parametrize(("status", "data", "sentence", "provider_code"), REFUSALS)
async def test_a_refusal_is_told_in_our_words(
    fal: Fal, api: ApiStub, status: int, data: Any, sentence: str, provider_code: str | None
) -> None:
    api.says(data, status=status)
    assert await refused(fal) == Failure(FailureCode.REJECTED, sentence, provider_code)


async def test_moderation_may_refuse_at_once(fal: Fal, api: ApiStub) -> None:
    api.says(validation_error("content_policy_violation", "No."), status=422)
    failure = await refused(fal)
    assert (failure.code, failure.provider_code) == (FailureCode.CONTENT_FILTERED, "content_policy_violation")


@pytest.mark.parametrize("data", [None, [], 7, "no", {"detail": None}, {"detail": [None, 7, {"type": ["x"]}]}])
async def test_a_refusal_of_any_shape_is_one(fal: Fal, api: ApiStub, data: Any) -> None:
    api.says(data, status=422)
    assert (await refused(fal)).provider_code is None


async def test_a_create_alone_goes_over_a_connection_of_its_own(api: ApiStub, http: httpx.AsyncClient) -> None:
    own = ApiStub()
    own.says(taken())
    api.says({"status": "IN_QUEUE"}, status=202)
    async with httpx.AsyncClient(transport=httpx.MockTransport(own), trust_env=False) as fresh:
        provider = fal_of(http, fresh=fresh)
        await provider.create(PREDICTION, CALLBACK)
        await provider.fetch(ID, PREDICTION.model)
    assert ([each.method for each in own.requests], [each.method for each in api.requests]) == (["POST"], ["GET"])
