"""The URLs that clients want called: where the rules are strict, and where a developer's own machine may be named."""

from typing import Any

import pytest

from app.domain.errors import InvalidRequest
from app.web.orders import order_from_create
from app.web.schemas import CreatePrediction
from app.web.shared import Policy
from tests.house import House
from tests.web.problems import assert_nothing_made, assert_problem

STRICT = Policy(default_provider="skytells", default_model="truefusion-pro")

HOSTILE = [
    "",
    "example.com/hook",
    "//example.com/hook",
    "ftp://example.com/hook",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/plain,hello",
    "gopher://example.com/",
    "https://",
    "https:///hook",
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://example.com:0/",
    "https://example.com:99999/",
    "https://exa mple.com/",
    "https://example.com\\@evil.example/",
    "https://example.com/\r\nHost: evil.example",
    "https://10.0.0.1/",
    "https://172.16.5.4/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[fe80::1]/",
    "https://[fc00::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[64:ff9b::10.0.0.1]/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://example.com/" + "x" * 2000,
]
AT_HOME = [
    "http://example.com/hook",
    "http://127.0.0.1:9000/hook",
    "https://127.0.0.1/hook",
    "https://[::ffff:127.0.0.1]/",
    "https://localhost/hook",
    "https://printer.local/",
    "https://metadata.google.internal/",
]


def order_with(webhook: str, policy: Policy = STRICT) -> Any:
    body = CreatePrediction(model="truefusion-pro", input={"prompt": "a fox"}, webhook=webhook)
    return order_from_create(body, policy)


@pytest.mark.parametrize("url", [url for url in HOSTILE + AT_HOME if len(url) <= 2000])
def test_production_calls_public_https_alone(url: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        order_with(url)
    assert [problem.field for problem in refused.value.problems] == ["webhook"]


def test_a_public_https_address_is_called() -> None:
    assert order_with("https://example.com:8443/hook?a=1").webhook.url == "https://example.com:8443/hook?a=1"


@pytest.mark.parametrize("url", HOSTILE)
async def test_a_hostile_webhook_makes_nothing(refusing: House, url: str) -> None:
    body = {"model": "truefusion-pro", "input": {"prompt": "a fox"}, "webhook": url}
    assert_problem(await refusing.client.post("/api/predictions", json=body), 422, "invalid_request", "webhook")
    await assert_nothing_made(refusing)


async def test_a_developer_may_be_called_on_this_machine(front: House) -> None:
    body = {"model": "truefusion-pro", "input": {"prompt": "a fox"}, "webhook": "http://127.0.0.1:9000/hook"}
    assert (await front.client.post("/api/predictions", json=body)).status_code == 201
