"""The webhook URL from outside: whatever answers in our place is told apart, with its cure."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from app.actions.diagnose import senders
from app.actions.diagnose.finding import Finding, State
from app.actions.diagnose.webhook_door import check_webhook_door, judged
from app.db.engine import Database
from app.embedded.postgres import EmbeddedPostgres
from app.outbound.own_door import Knock, knock
from tests.conftest import TEMPLATE
from tests.house import House
from tests.outbound.raw_server import RawServer, raw_server
from tests.ports import free_port
from tests.web.steps import database_of

PATH = "/api/webhooks"
SENDER = senders.skytells("any-secret")
HTML = b"<html>Please log in as sk-private</html>"


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    async with raw_server() as raw:
        yield raw


async def looked(server: RawServer, *, large: bool = False) -> Finding:
    return await check_webhook_door(server.url(""), SENDER, None, large=large)


STANDING_BETWEEN = {
    "a redirect": ("308 Permanent Redirect", ["Location: https://www.example.com/api/webhooks"], "redirects to https"),
    "a login": ("302 Found", ["Location: /login"], "redirects to /login"),
    "a password": ("401 Unauthorized", ["Server: nginx"], "a wall stands in front and answers 401 (nginx)"),
    "a bot check": ("403 Forbidden", ["Server: cloudflare"], "answers 403 (cloudflare)"),
    "a limit": ("413 Content Too Large", ["Server: nginx"], "refused before they reach us (nginx)"),
    "another site": ("404 Not Found", [], "the path leads elsewhere: 404"),
    "a static site": ("405 Method Not Allowed", [], "the path leads elsewhere: 405"),
    "a proxy without us": ("502 Bad Gateway", ["Server: nginx"], "the proxy reaches nobody"),
    "an impatient proxy": ("504 Gateway Timeout", [], "we were not waited for"),
    "a welcoming page": ("200 OK", ["Content-Type: text/html"], "somebody else answers 200"),
    "a teapot": ("418 I'm a teapot", [], "somebody else answers 418"),
}


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("name", STANDING_BETWEEN)
async def test_what_stands_between_is_told(server: RawServer, name: str, large: bool) -> None:
    status, headers, said = STANDING_BETWEEN[name]
    server.answer(PATH, HTML, *headers, f"Content-Length: {len(HTML)}", status=status)
    finding = await looked(server, large=large)
    assert (finding.state, finding.cure is not None) == (State.BAD, True)
    assert said in finding.said
    assert "sk-private" not in f"{finding}"


async def test_a_redirect_is_never_followed(server: RawServer) -> None:
    server.answer(
        PATH, b"", f"Location: {server.url('/elsewhere')}", "Content-Length: 0", status="307 Temporary Redirect"
    )
    await looked(server)
    assert [request.path for request in server.requests] == [PATH]


async def test_nobody_there_is_told() -> None:
    finding = await check_webhook_door(f"http://127.0.0.1:{free_port()}", SENDER, None, large=False)
    assert "nobody answers" in finding.said


async def test_silence_is_told(server: RawServer) -> None:
    async def silent(*_: object) -> None:
        await asyncio.Event().wait()

    server.answer(PATH, silent)
    found = await knock(server.url(PATH), b"{}", {}, seconds=0.2)
    assert found.trouble == "timeout"
    assert "no answer within" in judged(found, SENDER)[0]


async def test_a_cut_is_told(server: RawServer) -> None:
    server.answer(PATH, b"")
    assert "was cut" in (await looked(server)).said


@pytest.mark.parametrize(("trouble", "said"), [("tls", "certificate"), ("name", "does not resolve")])
def test_a_bad_certificate_and_a_missing_name_are_told(trouble: str, said: str) -> None:
    assert said in judged(Knock(trouble=trouble), SENDER)[0]  # type: ignore[arg-type]


async def test_no_tls_where_https_is_promised_is_told() -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        found = await knock(f"https://127.0.0.1:{port}{PATH}", b"{}", {})
    assert found.trouble == "tls"


async def test_a_name_that_is_nobody_s_is_told() -> None:
    assert (await knock("https://no-such-host.invalid/", b"{}", {})).trouble == "name"


async def looked_at_ours(house: House, database: Database | None, secret: str, *, large: bool) -> Finding:
    url = f"http://127.0.0.1:{house.settings.port}"
    return await check_webhook_door(url, senders.skytells(secret), database, large=large)


@pytest.mark.parametrize("large", [False, True])
async def test_our_own_door_takes_it_and_nothing_of_it_remains(front: House, large: bool) -> None:
    async with database_of(front) as database:
        finding = await looked_at_ours(front, database, front.emulator.secret, large=large)
    assert (finding.state, finding.said) == (State.OK, "received, verified and kept")
    assert await front.rows("SELECT * FROM deliveries") == []


async def test_a_secret_that_the_door_does_not_believe_is_told(front: House) -> None:
    finding = await looked_at_ours(front, None, "another", large=False)
    assert "another webhook secret" in finding.said


async def test_without_a_database_the_delivery_stays(front: House) -> None:
    finding = await looked_at_ours(front, None, front.emulator.secret, large=False)
    assert (finding.state, "stays" in finding.said) == (State.OK, True)


@pytest.fixture
async def elsewhere(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """A Darkroom's database, though not this house's."""
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(f"CREATE DATABASE elsewhere TEMPLATE {TEMPLATE}")
    opened = Database(postgres.url.replace("@/darkroom?", "@/elsewhere?"), pool_size=1)
    yield opened
    await opened.close()
    await connection.execute("DROP DATABASE elsewhere WITH (FORCE)")
    await connection.close()


async def test_a_door_with_another_database_is_told(front: House, elsewhere: Database) -> None:
    finding = await looked_at_ours(front, elsewhere, front.emulator.secret, large=False)
    assert (finding.state, "in another database" in finding.said) == (State.BAD, True)


async def test_without_an_address_or_a_secret_nobody_is_asked() -> None:
    assert (await check_webhook_door("", SENDER, None, large=False)).state is State.SKIPPED
    assert (await check_webhook_door("http://127.0.0.1:1", None, None, large=False)).state is State.SKIPPED
