from pathlib import Path

import pytest

from scripts.dev.plan import OTHER_KEYS, Order, Plan, make_plan
from scripts.dev.refusals import Refused

ROOT = Path("/srv/darkroom")
PLAIN, LIVE = Order(), Order(is_live=True)


def plan(order: Order = PLAIN, /, **settings: str) -> Plan:
    return make_plan(order, settings, ROOT)


def test_without_any_setting_everything_is_ours() -> None:
    made = plan()
    assert made.has_embedded_postgres
    assert made.has_worker
    assert made.environment == {
        "DATABASE_URL": "postgresql://darkroom@/darkroom?host=/srv/darkroom/data/run&port=5432",
        "DARKROOM_DATA": "/srv/darkroom/data",
        "PORT": "8000",
        "APP_URL": "http://127.0.0.1:8000",
        "ENVIRONMENT": "development",
        "SKYTELLS_WEBHOOK_SECRET": "darkroom-development-webhook-secret",
        "SKYTELLS_BASE_URL": "http://127.0.0.1:8001/v1",
        "SKYTELLS_API_KEY": "sk-emulator",
        "SKYTELLS_OUTPUT_HOSTS": "127.0.0.1",
        "OUTBOUND_ALLOW_NETS": "127.0.0.0/8",
    }
    assert made.emulator == {
        "EMULATOR_PORT": "8001",
        "EMULATOR_API_KEY": "sk-emulator",
        "EMULATOR_WEBHOOK_SECRET": "darkroom-development-webhook-secret",
        "EMULATOR_SIGNING_KEY": "secret",
        "DARKROOM_DATA": "/srv/darkroom/data",
    }


def test_a_demo_may_be_repeated_as_often_as_one_likes() -> None:
    demo = Order(demo="a red fox")
    assert plan(demo).environment["RATE_LIMIT_GENERATE"] == "off"
    assert plan(demo, RATE_LIMIT_GENERATE="1/day").environment["RATE_LIMIT_GENERATE"] == "1/day"


def test_a_real_key_never_reaches_the_emulator() -> None:
    made = plan(SKYTELLS_API_KEY="sk-mine")
    assert made.environment["SKYTELLS_API_KEY"] == "sk-emulator"
    assert "sk-mine" not in str(made)


@pytest.mark.parametrize(("name", "key"), OTHER_KEYS.items())
def test_beside_the_emulator_nothing_is_bought_for_real(name: str, key: str) -> None:
    hidden = plan(**{key: "real-key"}).environment[key]
    assert hidden.strip() == "" != hidden  # an empty value would let the one in .env through
    moved = {f"{name.upper()}_BASE_URL": "http://127.0.0.1:9"}
    assert key not in plan(**{key: "real-key"}, **moved).environment


def test_ports_and_data_move() -> None:
    made = plan(PORT="8010", EMULATOR_PORT="8011", DARKROOM_DATA="../two")
    assert made.local_url == "http://127.0.0.1:8010"
    assert made.environment["SKYTELLS_BASE_URL"] == "http://127.0.0.1:8011/v1"
    assert made.environment["DARKROOM_DATA"] == "/srv/two"


def test_a_database_of_ones_own_is_used_as_it_is() -> None:
    made = plan(DATABASE_URL="postgres://me@host/db")
    assert not made.has_embedded_postgres
    assert made.environment["DATABASE_URL"] == "postgres://me@host/db"


def test_a_rotating_secret_stays_whole_and_the_emulator_signs_with_the_newest() -> None:
    made = plan(SKYTELLS_WEBHOOK_SECRET="new, old")
    assert made.environment["SKYTELLS_WEBHOOK_SECRET"] == "new, old"
    assert made.emulator
    assert made.emulator["EMULATOR_WEBHOOK_SECRET"] == "new"


def test_another_base_url_means_no_emulator_and_nothing_of_it() -> None:
    made = plan(SKYTELLS_BASE_URL="http://elsewhere/v1")
    assert made.emulator is None
    assert not {"SKYTELLS_API_KEY", "SKYTELLS_BASE_URL", "OUTBOUND_ALLOW_NETS"} & set(made.environment)
    assert made.seller.startswith("http://elsewhere/v1 ")


def test_live_signs_with_the_key_unless_there_is_a_secret() -> None:
    assert plan(LIVE, SKYTELLS_API_KEY="sk-1").environment["SKYTELLS_WEBHOOK_SECRET"] == "sk-1"
    with_secret = plan(LIVE, SKYTELLS_API_KEY="sk-1", SKYTELLS_WEBHOOK_SECRET="whsec")
    assert with_secret.environment["SKYTELLS_WEBHOOK_SECRET"] == "whsec"


def test_live_buys_from_whomever_there_is_a_key_for() -> None:
    made = plan(LIVE, REPLICATE_API_TOKEN="r8_1")
    assert (made.environment["DEFAULT_PROVIDER"], made.seller) == (
        "replicate",
        "replicate with your key (this costs money)",
    )
    both = plan(LIVE, SKYTELLS_API_KEY="sk-1", FAL_KEY="a:b")
    assert "DEFAULT_PROVIDER" not in both.environment
    assert both.seller == "https://api.skytells.ai/v1, fal with your keys (this costs money)"


@pytest.mark.parametrize("key", ["", "sk-emulator"])
def test_live_needs_a_real_key(key: str) -> None:
    with pytest.raises(Refused, match=r"SKYTELLS_API_KEY=sk-…"):
        plan(LIVE, SKYTELLS_API_KEY=key)


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "8000.0"])
def test_what_is_no_port_is_refused_by_name(port: str) -> None:
    with pytest.raises(Refused, match="EMULATOR_PORT"):
        plan(EMULATOR_PORT=port)


def test_two_cannot_listen_in_one_place() -> None:
    with pytest.raises(Refused, match="both 8001"):
        plan(PORT="8001")


@pytest.mark.parametrize(("setting", "url"), [("APP_URL", "https://a"), ("NEXT_PUBLIC_APP_URL", "https://b")])
def test_an_address_that_is_set_stays(setting: str, url: str) -> None:
    assert make_plan(PLAIN, {setting: url}, ROOT).app_url == url


@pytest.mark.parametrize(("host", "local"), [("0.0.0.0", "127.0.0.1"), ("127.0.0.2", "127.0.0.2")])
def test_web_is_looked_for_where_it_listens(host: str, local: str) -> None:
    assert plan(HOST=host).local_url == f"http://{local}:8000"


def test_a_worker_inside_web_needs_no_process() -> None:
    assert not plan(WORKER_IN_WEB="true").has_worker


def test_only_an_address_of_the_outside_can_be_called_back() -> None:
    assert plan().can_be_called_back
    assert not plan(LIVE, SKYTELLS_API_KEY="sk-1").can_be_called_back
    assert plan(LIVE, SKYTELLS_API_KEY="sk-1", APP_URL="https://here").can_be_called_back
