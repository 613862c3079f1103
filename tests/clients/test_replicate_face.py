"""PyPI `replicate` 1.0.7, as it is published, against our face: every call of it that we can answer."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from replicate.client import Client
from replicate.exceptions import ModelError, ReplicateError
from replicate.prediction import Prediction
from replicate.webhook import Webhooks
from starlette.requests import Request

from app.domain.caller import Budgets, Scope
from app.domain.errors import StorageFull
from app.web.compat.replicate.dialect import dialect
from tests.clients.faces import ann, apart
from tests.emulator.receiver import Receiver
from tests.house import House, eventually_async
from tests.storage.pictures import SECRET, encoded, telling
from tests.web.steps import key_for
from tests.web.test_retry_guard import made as bought

MODEL = "skytells/truefusion-pro"
PROMPT = {"prompt": "a red fox"}


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    opened = client_of(house, await ann(house))
    yield opened
    await closed(opened)


def client_of(house: House, key: str) -> Client:
    return Client(api_token=key, base_url=f"http://127.0.0.1:{house.settings.port}/replicate", trust_env=False)


async def closed(client: Client) -> None:
    client._client.close()
    await client._async_client.aclose()


async def test_run_gives_the_pictures_addresses(client: Client, house: House) -> None:
    outputs: Any = await apart(client.run, MODEL, input=PROMPT | {"num_outputs": 2})
    assert [output.startswith("http://127.0.0.1") for output in outputs] == [True, True]
    assert (await house.client.get(outputs[0])).headers["content-type"] == "image/png"
    assert len(await house.ledger()) == 1


async def test_run_of_a_version_reads_that_version_too(client: Client) -> None:
    version = (await client.models.async_get(MODEL)).latest_version
    assert version is not None
    pinned = f"{MODEL}:{version.id}"
    apart_from_us: Any = await apart(client.run, pinned, input=PROMPT)
    beside_us: Any = await client.async_run(pinned, input=PROMPT)
    assert (len(apart_from_us), len(beside_us)) == (1, 1)


async def test_run_may_poll(client: Client) -> None:
    client.poll_interval = 0.05
    outputs: Any = await client.async_run(MODEL, input=PROMPT, wait=False)
    assert len(outputs) == 1


async def test_a_wait_that_expires_does_not_look_like_an_end(client: Client, house: House) -> None:
    """`processing` would: run() would return None at once."""
    await house.dialect(duration=1.5)
    client.poll_interval = 0.05
    outputs: Any = await client.async_run(MODEL, input=PROMPT, wait=1)
    assert len(outputs) == 1


async def test_the_answer_to_an_expired_wait(front: House) -> None:
    client = client_of(front, await ann(front))
    asking = asyncio.create_task(client.models.predictions.async_create(MODEL, input=PROMPT, wait=1))

    async def is_bought() -> bool:
        return bool(await bought(front))

    await eventually_async(is_bought)
    await front.rows("UPDATE predictions SET status = 'processing', stage = 'running', version = version + 1")
    made = await asking
    assert made.status == "starting"
    assert (await client.predictions.async_get(made.id)).status == "processing"
    await closed(client)


async def test_a_failed_run_raises_its_reason(client: Client, house: House) -> None:
    await house.faults(nsfw=1)
    with pytest.raises(ModelError, match="E005"):
        await client.async_run(MODEL, input=PROMPT)


@pytest.mark.parametrize("spelling", ["{version}", "{model}:{version}", "{model}"])
async def test_a_version_is_spelled_in_three_ways(client: Client, spelling: str) -> None:
    version = (await client.models.async_get(MODEL)).latest_version
    assert version is not None
    spelled = spelling.format(model=MODEL, version=version.id)
    made = await client.predictions.async_create(version=spelled, input=PROMPT)
    assert (made.model, made.version) == (MODEL, version.id)


async def test_create_wait_reload_and_get(client: Client, house: House) -> None:
    client.poll_interval = 0.05
    made = await apart(client.predictions.create, model=MODEL, input=PROMPT)
    assert made.status == "starting"
    await apart(made.wait)
    assert (made.status, made.error, made.logs) == ("succeeded", None, "")
    assert made.metrics is not None and made.metrics["predict_time"] > 0
    await apart(made.reload)
    again = await client.predictions.async_get(made.id)
    assert again.output == made.output
    own = (await house.client.get(f"/api/predictions/{made.id}", headers=key_of(client))).json()
    assert own["output"] == made.output


async def test_cancel(client: Client, house: House) -> None:
    await house.dialect(duration=60)
    made = await client.predictions.async_create(model=MODEL, input=PROMPT)
    await apart(made.cancel)

    async def is_canceled() -> bool:
        await made.async_reload()
        return made.status == "canceled"

    await eventually_async(is_canceled)
    assert (await client.predictions.async_cancel(made.id)).status == "canceled"


async def test_canceling_what_has_ended_changes_nothing(client: Client) -> None:
    made = await client.models.predictions.async_create(MODEL, input=PROMPT, wait=True)
    assert (await client.predictions.async_cancel(made.id)).status == "succeeded"


async def test_a_list_is_of_everything_that_the_owner_ordered_anywhere(client: Client, house: House) -> None:
    ordered = await client.predictions.async_create(model=MODEL, input=PROMPT)
    body = {"model": "truefusion-pro", "input": PROMPT}
    own = (await house.client.post("/api/predictions", json=body, headers=key_of(client))).json()
    stranger = await house.create()
    listed = [each.id for each in (await client.predictions.async_list()).results]
    assert listed == [own["id"], ordered.id]
    with pytest.raises(ReplicateError) as unknown:
        await client.predictions.async_get(stranger.json()["id"])
    assert unknown.value.status == 404


async def test_pages_follow_one_another(client: Client, house: House) -> None:
    """By their absolute addresses; another owner's cursor is a place in one's own list, and no more."""
    await copies_of(await client.predictions.async_create(model=MODEL, input=PROMPT), house, 150)
    first = await client.predictions.async_list()
    assert first.next is not None and first.next.startswith("http://")
    rest = await client.predictions.async_list(first.next)
    assert len({each.id for each in (*first.results, *rest.results)}) == 151
    assert (len(first.results), rest.next) == (100, None)
    stranger = client_of(house, await key_for(house, "bob"))
    assert (await stranger.predictions.async_list(first.next)).results == []
    await closed(stranger)


async def copies_of(made: Prediction, house: House, count: int) -> None:
    """Of its row, that there are pages."""
    columns = [
        row["column_name"]
        for row in await house.rows(
            "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'predictions'"
        )
        if row["column_name"] not in ("id", "callback_token", "provider_id", "work", "due_at")
    ]
    same = ", ".join(f'"{name}"' for name in columns)
    await house.rows(
        f"INSERT INTO predictions (id, callback_token, {same}) "
        f"SELECT gen_random_uuid(), gen_random_uuid()::text, {same} FROM predictions, generate_series(1, $2) "
        "WHERE id = $1",
        made.id,
        count,
    )


async def test_streams_end_with_the_pictures(client: Client) -> None:
    events = [event async for event in await client.async_stream(MODEL, input=PROMPT | {"num_outputs": 2})]
    assert [event.event.value for event in events] == ["output", "output", "done"]
    assert str(events[0]).startswith("http")


async def test_a_stream_of_what_fails_raises(client: Client, house: House) -> None:
    await house.faults(nsfw=1)
    with pytest.raises(RuntimeError, match="E005"):
        _ = [event async for event in await client.async_stream(MODEL, input=PROMPT)]


async def test_models_and_their_versions(client: Client) -> None:
    models = (await client.models.async_list()).results
    assert MODEL in [model.id for model in models]
    model = await apart(client.models.get, MODEL)
    versions = await apart(model.versions.list)
    assert model.latest_version is not None
    assert [version.id for version in versions] == [model.latest_version.id]
    schemas = (await apart(model.versions.get, versions[0].id)).openapi_schema["components"]["schemas"]
    assert schemas["Input"]["properties"]["num_outputs"]["maximum"] == 4
    assert schemas["Output"]["type"] == "array"


async def test_models_are_found_by_words(client: Client) -> None:
    found = (await client.models.async_search("video")).results
    assert [model.id for model in found] == ["skytells/truefusion-video"]
    assert (await client.models.async_search("no-such-words")).results == []


async def test_files(client: Client, tmp_path: Path) -> None:
    place = tmp_path / "fox.png"
    place.write_bytes(telling("PNG"))
    sent = await apart(client.files.create, str(place), metadata={"by": "ann"})
    assert (sent.name, sent.content_type, sent.metadata) == ("fox.png", "image/png", {"by": "ann"})
    assert await client.files.async_get(sent.id) == sent
    assert [each.id for each in await client.files.async_list()] == [sent.id]
    assert await client.files.async_delete(sent.id)
    assert await client.files.async_list() == []
    with pytest.raises(ReplicateError) as gone:
        await client.files.async_get(sent.id)
    assert gone.value.status == 404


async def test_files_within_an_input_are_uploaded_and_found_again(client: Client, house: House) -> None:
    """Their address is never fetched: what the provider gets is the picture, without what it should not tell."""
    model = "skytells/truefusion-2.0"
    with BytesIO(telling("PNG")) as picture:
        made = await client.models.predictions.async_create(model, input=PROMPT | {"image": picture}, wait=True)
    assert made.status == "succeeded"
    (sent,) = await client.files.async_list()
    assert made.input is not None and made.input["image"] == sent.urls["get"]
    (row,) = await house.rows("SELECT uploads, input->>'image' AS image FROM predictions")
    assert row == {"uploads": [sent.id], "image": sent.id}
    download = await house.client.get(f"/replicate/v1/files/{sent.id}/download", headers=key_of(client))
    assert download.headers["content-type"] == "image/png"
    assert SECRET.encode() not in download.content


async def test_files_may_be_sent_within_the_input(client: Client) -> None:
    with BytesIO(encoded("PNG")) as picture:
        picture.name = "fox.png"
        made = await client.models.predictions.async_create(
            "skytells/truefusion-2.0", input=PROMPT | {"image": picture}, file_encoding_strategy="base64", wait=True
        )
    assert made.status == "succeeded"


@pytest.mark.parametrize("content", [b"no picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"PK\3\4 a zip"])
async def test_a_file_that_is_no_picture_is_refused(client: Client, content: bytes) -> None:
    with BytesIO(content) as file, pytest.raises(ReplicateError, match="content") as refused:
        await client.files.async_create(file)
    assert refused.value.status == 422


async def test_a_file_that_is_too_large_is_refused(client: Client) -> None:
    with BytesIO(bytes(11_000_000)) as file, pytest.raises(ReplicateError, match="at most") as refused:
        await client.files.async_create(file)
    assert refused.value.status == 413


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    door = Receiver()
    yield door
    door.close()


async def test_webhooks_carry_the_prediction_and_its_validator_believes_it(client: Client, receiver: Receiver) -> None:
    secret = await client.webhooks.default.async_secret()
    made = await client.predictions.async_create(
        model=MODEL, input=PROMPT, webhook=receiver.url, webhook_events_filter=["start", "completed"]
    )
    deliveries = await receiver.got(2)
    for each in deliveries:
        Webhooks.validate(headers=each.headers, body=each.body.decode(), secret=secret, tolerance=60)
        assert Prediction(**each.json).id == made.id
    (last,) = [each.json for each in deliveries if each.status == "succeeded"][-1:]
    shown = await client.predictions.async_get(made.id)
    assert last["output"] == shown.output
    assert set(last["urls"]) == {"get", "cancel", "web"}


@pytest.mark.parametrize(("wanted", "told"), [(None, 1), (["output"], 1), (["start"], 1), (["logs"], 0)])
async def test_events_that_never_happen_are_not_promised(
    client: Client, receiver: Receiver, wanted: list[str] | None, told: int
) -> None:
    more: dict[str, Any] = {} if wanted is None else {"webhook_events_filter": wanted}
    made = await client.models.predictions.async_create(MODEL, input=PROMPT, webhook=receiver.url, wait=True, **more)
    assert made.status == "succeeded"
    await receiver.got(told)
    assert len(receiver.deliveries) == told


async def test_accounts_and_hardware(client: Client) -> None:
    account = await client.accounts.async_current()
    assert (account.username, account.name) == ("ann", "ann")
    assert await client.hardware.async_list() == []


def key_of(client: Client) -> dict[str, str]:
    return {"authorization": str(client._client.headers["authorization"])}


REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"version": MODEL, "input": {"width": 1}}, "- input.width: must be at least 256\n- input.prompt: is required\n"),
    ({"version": MODEL, "input": PROMPT | {"nothing": 1}}, "- input.nothing: truefusion-pro has no such field\n"),
    ({"version": MODEL}, "- input: Field required\n"),
    ({"version": MODEL, "input": PROMPT, "model": "x"}, "- model: Extra inputs are not permitted\n"),
]


@pytest.mark.parametrize(("body", "detail"), REFUSALS)
async def test_what_does_not_fit_is_told_line_by_line(house: House, body: dict[str, Any], detail: str) -> None:
    answer = await house.client.post("/replicate/v1/predictions", json=body)
    told = answer.json()
    assert (answer.status_code, told["title"], told["status"]) == (422, "Input validation failed", 422)
    assert told["detail"] == detail
    assert [f"- {each['field']}: {each['description']}\n" for each in told["invalid_fields"]] == detail.splitlines(True)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_version_nobody_has(client: Client) -> None:
    for version in ("f" * 64, "nobody/nothing", f"{MODEL}:{'0' * 64}", "latest", "../../etc"):
        with pytest.raises(ReplicateError, match="Invalid version or not permitted") as unknown:
            await client.predictions.async_create(version=version, input=PROMPT)
        assert unknown.value.status == 422


async def test_a_model_or_deployment_nobody_has(client: Client) -> None:
    for create in (
        client.predictions.async_create(model="nobody/nothing", input=PROMPT),
        client.predictions.async_create(deployment="nobody/nothing", input=PROMPT),
        client.models.async_get("nobody/nothing"),
    ):
        with pytest.raises(ReplicateError) as unknown:
            await create
        assert unknown.value.status == 404


async def test_keys_scopes_budgets_and_limits_are_told_as_theirs(house: House) -> None:
    cases: list[tuple[str, int, str | None]] = [
        ("dk_wrong", 401, "Unauthenticated"),
        (await ann(house, scopes=frozenset({Scope.READ})), 403, "Forbidden"),
        (await ann(house, budgets=Budgets(total=Decimal("0.01"))), 402, "Insufficient credit"),
        (await ann(house, max_unfinished=0, rate_limit="1/hour", budgets=Budgets(total=Decimal(0))), 402, None),
    ]
    for key, status, title in cases:
        client = client_of(house, key)
        with pytest.raises(ReplicateError) as refused:
            await client.async_run(MODEL, input=PROMPT)
        assert refused.value.status == status
        assert title in (None, refused.value.title)
        await closed(client)
    assert await house.ledger() == []


async def test_a_spent_limit_is_a_429_and_says_when(house: House) -> None:
    client = client_of(house, await ann(house, rate_limit="1/hour"))
    await client.predictions.async_create(model=MODEL, input=PROMPT)
    with pytest.raises(ReplicateError, match="Your rate limit resets in ~") as limited:
        await client.predictions.async_create(model=MODEL, input=PROMPT)
    assert limited.value.status == 429
    await closed(client)


async def test_what_moderation_refuses_is_not_bought(client: Client, house: House) -> None:
    with pytest.raises(ReplicateError, match="E005") as refused:
        await client.async_run(MODEL, input={"prompt": "child porn"})
    assert refused.value.status == 422
    assert await house.ledger() == []


BAD: list[tuple[str, str, dict[str, Any], int]] = [
    ("POST", "/predictions", {"content": b"{", "headers": {"content-type": "application/json"}}, 400),
    ("POST", "/predictions", {"content": b"{}", "headers": {"content-type": "text/plain"}}, 415),
    ("POST", "/predictions", {"json": {"version": MODEL, "input": PROMPT, "webhook": "ftp://x"}}, 422),
    ("POST", "/predictions", {"json": {"version": MODEL, "input": PROMPT}, "headers": {"prefer": "wait=x"}}, 422),
    ("POST", "/predictions", {"json": {"version": MODEL, "input": PROMPT}, "headers": {"cancel-after": "1m"}}, 422),
    ("POST", "/predictions", {"json": {"version": MODEL, "input": {"prompt": "a" * 1_000_000}}}, 413),
    ("GET", "/predictions?cursor=nothing", {}, 422),
    ("GET", "/predictions?colour=red", {}, 422),
    ("GET", "/predictions/none", {}, 404),
    ("GET", "/files/none", {}, 404),
    ("GET", "/files?cursor=bm90aGluZw", {}, 422),
    ("POST", "/files", {"files": {"file": b"x"}}, 422),
    ("POST", "/files", {"files": {"content": encoded("PNG")}, "data": {"metadata": "[]"}}, 422),
    ("POST", "/files", {"files": {"content": encoded("PNG")}, "data": {"filename": "a" * 256}}, 422),
    ("GET", "/trainings", {}, 404),
    ("DELETE", "/predictions", {}, 405),
]


@pytest.mark.parametrize(("method", "path", "sent", "status"), BAD)
async def test_every_refusal_is_an_object_that_clients_can_read(
    front: House, method: str, path: str, sent: dict[str, Any], status: int
) -> None:
    answer = await front.client.request(method, f"/replicate/v1{path}", **sent)
    told = answer.json()
    assert (answer.status_code, told["status"]) == (status, status)
    assert isinstance(told["title"], str) and isinstance(told["detail"], str)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "pause"), [("GET", "5"), ("POST", "60")])
def test_nobody_is_put_to_sleep_while_he_reads(method: str, pause: str) -> None:
    """PyPI's client obeys a read's Retry-After whatever it says."""
    request = Request({"type": "http", "method": method, "headers": []})
    assert dialect(request, 503, StorageFull("…", retry_after=60)).headers["retry-after"] == pause


async def test_the_older_scheme_of_their_examples_opens_too(front: House) -> None:
    headers = {"authorization": f"Token {await ann(front)}"}
    assert (await front.client.get("/replicate/v1/account", headers=headers)).json()["username"] == "ann"
