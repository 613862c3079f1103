"""The doctor's other questions, each asked of something well and of something ill."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from app.actions.diagnose.database import apart, check_clock, check_database, check_migrations
from app.actions.diagnose.finding import State, looked_at, ok
from app.actions.diagnose.judges import check_moderation
from app.actions.diagnose.provider import check_key, check_models
from app.actions.diagnose.storage import check_blobs, check_disk
from app.db.engine import Database
from app.domain.errors import ModerationUnavailable
from app.domain.model import Price
from app.domain.moderation import Verdict
from app.providers.price_table import PriceTable
from app.storage.local import LocalStore
from tests.ports import free_port
from tests.providers.skytells.samples import error_a, skytells_of

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def answering(status: int = 200, body: Any = (), **headers: str) -> httpx.AsyncClient:
    data = [] if body == () else body
    transport = httpx.MockTransport(lambda _: httpx.Response(status, json=data, headers=headers))
    return httpx.AsyncClient(transport=transport)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, pool_size=1)
    yield opened
    await opened.close()


async def test_a_database_that_is_well(database: Database) -> None:
    for check in (check_database, check_migrations, check_clock):
        assert (await check(database)).state is State.OK
    assert (await check_database(database)).said.startswith("Postgres 1")


async def test_a_database_that_is_behind(database: Database, database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE alembic_version SET version_num = 'older'")
    await connection.close()
    finding = await check_migrations(database)
    assert (finding.said, finding.cure) == ("behind", "Run `darkroom migrate`")


async def test_a_server_without_this_database(database_url: str) -> None:
    missing = Database(database_url.replace("@/test_", "@/nobody_s_"), pool_size=1)
    finding = await check_database(missing)
    await missing.close()
    assert (finding.state, finding.said) == (State.BAD, "has no database of this name")


async def test_nobody_where_the_database_should_be() -> None:
    nobody = Database(f"postgresql://ann:pw-planted@127.0.0.1:{free_port()}/x", pool_size=1)
    finding = await check_database(nobody)
    await nobody.close()
    assert finding.is_bad
    assert "cannot be reached" in finding.said
    assert "pw-planted" not in f"{finding}"


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (NOW - timedelta(seconds=60), "this machine's clock is 60 s ahead"),
        (NOW + timedelta(seconds=61), "this machine's clock is 60 s behind"),
    ],
)
def test_clocks_apart_are_told(there: datetime, said: str) -> None:
    finding = apart("clock", there, NOW, NOW + timedelta(seconds=1))
    assert (finding.state, finding.said) == (State.BAD, said)


@pytest.mark.parametrize("seconds", [-9, 0, 0.5, 1, 9])
def test_clocks_close_enough_are_well(seconds: float) -> None:
    assert apart("clock", NOW + timedelta(seconds=seconds), NOW, NOW + timedelta(seconds=1)).state is State.OK


async def test_a_disk_that_is_well(tmp_path: Path) -> None:
    blobs = LocalStore(tmp_path / "blobs")
    assert (await check_blobs(blobs)).state is State.OK
    assert (await check_disk(blobs)).state is State.OK
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []


async def test_a_disk_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("in the way")
    blobs = LocalStore(tmp_path / "blobs")
    for check in (check_blobs, check_disk):
        finding = await check(blobs)
        assert (finding.state, "DARKROOM_DATA" in str(finding.cure)) == (State.BAD, True)


async def test_a_key_that_is_taken_and_a_clock_that_is_ours() -> None:
    date = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    key, clock = await check_key(skytells_of(answering(date=date)), "SKYTELLS_API_KEY")
    assert (key.state, clock.state) == (State.OK, State.OK)


async def test_a_provider_s_clock_far_away() -> None:
    _, clock = await check_key(skytells_of(answering(date="Sat, 21 Nov 2015 12:00:00 GMT")), "SKYTELLS_API_KEY")
    assert (clock.state, "ahead" in clock.said) == (State.BAD, True)


@pytest.mark.parametrize("date", ["", "yesterday"])
async def test_a_provider_without_a_clock(date: str) -> None:
    _, clock = await check_key(skytells_of(answering(date=date)), "SKYTELLS_API_KEY")
    assert clock.state is State.SKIPPED


@pytest.mark.parametrize(
    ("status", "error_id", "said"),
    [
        (401, "UNAUTHORIZED", "does not accept our API key"),
        (403, "ACCOUNT_SUSPENDED", "does not allow our account"),
        (402, "PAYMENT_REQUIRED", "too few credits"),
    ],
)
async def test_a_key_that_is_not_taken(status: int, error_id: str, said: str) -> None:
    key, clock = await check_key(skytells_of(answering(status, error_a(status, error_id))), "SKYTELLS_API_KEY")
    assert (key.state, clock.state, key.cure) == (State.BAD, State.SKIPPED, "Correct SKYTELLS_API_KEY")
    assert said in key.said


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_a_provider_in_trouble(status: int) -> None:
    key, _ = await check_key(skytells_of(answering(status, {})), "SKYTELLS_API_KEY")
    assert (key.state, f"answered {status}" in key.said) == (State.BAD, True)


MODELS = [{"namespace": name, "type": "image"} for name in ("truefusion", "truefusion-pro", "odd")]
PRICE = Price(Decimal("0.03"), "USD", "image")


def prices(*slugs: str) -> PriceTable:
    return PriceTable({("skytells", slug): PRICE for slug in slugs})


async def models(table: PriceTable, *, default: str = "truefusion-pro", has_ceiling: bool = False) -> Any:
    provider = skytells_of(answering(200, MODELS))
    return await check_models(provider, table, default=default, has_ceiling=has_ceiling)


async def test_models_with_prices_are_well() -> None:
    finding = await models(prices("truefusion", "truefusion-pro", "odd"))
    assert (finding.state, finding.said) == (State.OK, "3, all with a price")


async def test_models_without_a_price_are_named() -> None:
    finding = await models(prices("truefusion-pro"))
    assert finding.state is State.OK
    assert finding.said.endswith("refused until PRICES_FILE or CEILING_PRICE names one: odd, truefusion")


async def test_the_default_model_without_a_price_is_ill_unless_there_is_a_ceiling() -> None:
    assert (await models(prices("odd"))).state is State.BAD
    covered = await models(prices("odd"), has_ceiling=True)
    assert (covered.state, "held for at CEILING_PRICE" in covered.said) == (State.OK, True)


async def test_a_default_model_that_nobody_lists_is_ill() -> None:
    finding = await models(prices("odd"), default="gone")
    assert (finding.state, finding.cure) == (State.BAD, "Set DEFAULT_MODEL to one of: odd, truefusion, truefusion-pro")


class Judge:
    is_far = False

    def __init__(self, verdict: Verdict | None) -> None:
        self._verdict = verdict

    async def verdicts(self, texts: Sequence[str]) -> list[Verdict]:
        if self._verdict is None:
            raise ModerationUnavailable("away")
        return [self._verdict] * len(texts)


async def test_moderation_well_ill_and_off() -> None:
    assert (await check_moderation([Judge(Verdict())])).state is State.OK
    assert (await check_moderation([Judge(Verdict()), Judge(None)])).is_bad
    assert "crude" in (await check_moderation([Judge(Verdict(True, ("crude",)))])).said
    assert (await check_moderation(())).state is State.SKIPPED


async def test_a_check_that_breaks_is_a_finding() -> None:
    async def breaks() -> Any:
        raise RuntimeError("sk-planted")

    finding = await looked_at("anything", breaks())
    assert (finding.state, "RuntimeError" in finding.said, "sk-planted" in f"{finding}") == (State.BAD, True, False)


async def test_a_check_that_is_well_is_passed_on() -> None:
    async def fine() -> Any:
        return ok("anything", "fine")

    assert (await looked_at("anything", fine())).said == "fine"
