"""`darkroom webhooks …`: endpoints and what they were told, for who runs the service."""

import json
from collections.abc import Iterator

import pytest
from standardwebhooks import Webhook

from tests.cli.test_commands import darkroom
from tests.emulator.receiver import Receiver
from tests.flows.telling import OWNER, endpoint
from tests.house import House


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    door = Receiver()
    yield door
    door.close()


async def test_one_is_registered_listed_disabled_and_enabled(front: House) -> None:
    url = "https://pictures.example/hook"
    words = ("webhooks", "create", url, "--owner", "ann", "--event", "prediction.failed", "--json")
    made = json.loads((await darkroom(front, *words)).out)
    assert made["secret"].startswith("whsec_")
    table = (await darkroom(front, "webhooks", "list")).out
    for word in (made["id"], "ann", "enabled", "prediction.failed", url):
        assert word in table
    assert made["secret"] not in table
    assert "disabled" in (await darkroom(front, "webhooks", "disable", made["id"])).err
    (listed,) = json.loads((await darkroom(front, "webhooks", "list", "--json")).out)
    assert (listed["state"], listed["disabled_reason"]) == ("disabled", "owner")
    assert "enabled" in (await darkroom(front, "webhooks", "enable", made["id"])).err


async def test_a_test_tells_what_was_answered(house: House, receiver: Receiver) -> None:
    made = await endpoint(house, receiver.url)
    receiver.answers = [200, 503]
    well = await darkroom(house, "webhooks", "test", made["id"])
    assert (well.code, "delivered answered 200" in well.out) == (0, True), well
    ill = await darkroom(house, "webhooks", "test", made["id"])
    assert (ill.code, "failed answered 503" in ill.out) == (1, True), ill
    attempts = (await darkroom(house, "webhooks", "attempts", made["id"])).out
    assert "answered 200" in attempts and "answered 503" in attempts
    failed = json.loads((await darkroom(house, "webhooks", "events", "--state", "failed", "--json")).out)
    assert [each["last_outcome"] for each in failed] == ["answered 503"]
    again = await darkroom(house, "webhooks", "resend", failed[0]["id"])
    assert "sent again" in again.err
    await receiver.got(3)


async def test_a_rotated_secret_signs_beside_the_old_one(house: House, receiver: Receiver) -> None:
    made = await endpoint(house, receiver.url)
    rotated = (await darkroom(house, "webhooks", "rotate", made["id"], "--overlap", "2h")).out.strip()
    await darkroom(house, "webhooks", "test", made["id"])
    (sent,) = await receiver.got(1)
    for secret in (made["secret"], rotated):
        Webhook(secret).verify(sent.body, sent.headers)


async def test_what_was_missed_is_asked_for_by_a_span(front: House) -> None:
    made = await endpoint(front, "https://pictures.example/hook")
    answer = await darkroom(front, "webhooks", "resend", made["id"], "--since", "24h", "--json")
    assert json.loads(answer.out) == {"events": 0, "more": False}
    assert (await front.rows("SELECT owner FROM webhook_endpoints"))[0]["owner"] == OWNER


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("create", "https://10.0.0.1/"), 2, "may be called"),
        (("create", "https://pictures.example/", "--event", "prediction.exploded"), 2, "is none of"),
        (("test", "00000000-0000-7000-8000-000000000000"), 1, "no such endpoint"),
        (("resend", "00000000-0000-7000-8000-000000000000"), 1, "no such event"),
        (("events", "--state", "lost"), 2, "is one of"),
        (("attempts", "mine"), 2, "is no id"),
    ],
)
async def test_what_cannot_be_meant_is_refused(front: House, words: tuple[str, ...], code: int, said: str) -> None:
    ended = await darkroom(front, "webhooks", *words)
    assert (ended.code, ended.out) == (code, "")
    assert said in " ".join(ended.err.replace("│", " ").split()), ended.err


async def test_the_doctor_mentions_one_that_fails(front: House) -> None:
    made = await endpoint(front, "https://pictures.example/hook")
    well = (await darkroom(front, "doctor")).out
    assert "1, none failing" in well
    await front.rows("UPDATE webhook_endpoints SET failing_since = now() WHERE id = $1", made["id"])
    assert "1 failing, of 1" in (await darkroom(front, "doctor")).out
    await front.rows("UPDATE webhook_endpoints SET disabled_at = now(), disabled_reason = 'gone' RETURNING 1")
    assert "1 disabled for failing, of 1" in (await darkroom(front, "doctor")).out
