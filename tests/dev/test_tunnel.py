"""ngrok and cloudflared, played by stubs of what they really answer."""

import os
import stat
import sys
from pathlib import Path

import pytest

from scripts.dev.refusals import Refused
from scripts.dev.tunnel import find_tunnel, read_cloudflared, read_ngrok
from tests.dev.conftest import House, Serve
from tests.dev.processes import until
from tests.ports import free_port

NOWHERE = "http://127.0.0.1:9"


def tunnels(*leads: tuple[str, str]) -> tuple[int, object]:
    return 200, {"tunnels": [{"public_url": url, "config": {"addr": addr}} for url, addr in leads]}


@pytest.mark.parametrize("addr", ["http://localhost:8000", "127.0.0.1:8000", "8000"])
async def test_ngrok_is_asked_for_the_tunnel_to_our_port(serve: Serve, addr: str) -> None:
    api = await serve(lambda path: tunnels(("https://other", "http://localhost:80"), ("https://ours", addr)))
    assert await read_ngrok(api, 8000) == "https://ours"
    assert await read_ngrok(api, 8001) is None


async def test_https_is_preferred(serve: Serve) -> None:
    api = await serve(lambda path: tunnels(("http://ours", "8000"), ("https://ours", "8000")))
    assert await read_ngrok(api, 8000) == "https://ours"


@pytest.mark.parametrize("answer", [(500, {}), (200, []), (200, {"tunnels": None})])
async def test_strange_answers_are_no_tunnel(serve: Serve, answer: tuple[int, object]) -> None:
    assert await read_ngrok(await serve(lambda path: answer), 8000) is None


async def test_cloudflared_tells_its_name_among_its_metrics(serve: Serve) -> None:
    metrics = await serve(lambda path: (200, {"hostname": "four-words.trycloudflare.com"}))
    assert await read_cloudflared(metrics, 8000) == "https://four-words.trycloudflare.com"
    nameless = await serve(lambda path: (200, {"hostname": ""}))
    assert await read_cloudflared(nameless, 8000) is None


async def test_with_neither_installed_the_cure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Refused, match=r"(?s)neither.*ngrok\.com.*cloudflared"):
        await find_tunnel({"NGROK_API_URL": NOWHERE}, 8000)


async def test_up_refuses_before_it_starts_anything(house: House) -> None:
    await house.up("--tunnel", NGROK_API_URL=NOWHERE, PATH="/nowhere")
    assert await house.ended() == 2
    assert "neither is installed" in house.said
    assert not house.pids()


async def test_up_tells_web_and_worker_the_tunnels_address_and_follows_it(house: House, serve: Serve) -> None:
    address = "https://first.ngrok.app"
    api = await serve(lambda path: tunnels((address, f"http://localhost:{house.port}")))
    await house.up("--tunnel", NGROK_API_URL=api)
    await house.ready()
    assert house.env("web")["APP_URL"] == house.env("worker")["APP_URL"] == address
    assert f"ngrok brings {address} here" in house.said
    address = "https://second.ngrok.app"
    await until(lambda: len(house.pids("web")) == len(house.pids("worker")) == 2)
    await until(lambda: house.env("worker")["APP_URL"] == address)
    assert house.env("web")["APP_URL"] == address
    assert await house.stop() == 0
    assert f"the tunnel has moved to {address}" in house.said
    assert "web ended" not in house.said
    assert len(house.out) == 1


NGROK = """#!{python}
import http.server, json, sys
tunnel = {{"public_url": "https://stub.ngrok.app", "config": {{"addr": "http://localhost:" + sys.argv[2]}}}}
answer = {{"tunnels": [tunnel]}}
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())
print('lvl=info msg="starting web service" obj=web addr=127.0.0.1:{port} allow_hosts=[]', flush=True)
http.server.HTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
"""

CLOUDFLARED = """#!{python}
import http.server, json, sys
address, port = sys.argv[sys.argv.index("--metrics") + 1].split(":")
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({{"hostname": "stub.trycloudflare.com"}}).encode())
http.server.HTTPServer((address, int(port)), Handler).serve_forever()
"""


@pytest.mark.parametrize(
    ("program", "text", "url"),
    [("ngrok", NGROK, "https://stub.ngrok.app"), ("cloudflared", CLOUDFLARED, "https://stub.trycloudflare.com")],
)
async def test_up_starts_a_tunnel_of_its_own_where_none_runs(house: House, program: str, text: str, url: str) -> None:
    install(house.root / "bin" / program, text.format(python=sys.executable, port=free_port()))
    await house.up("--tunnel", NGROK_API_URL=NOWHERE, PATH=str(house.root / "bin"))
    await house.ready()
    assert house.env("web")["APP_URL"] == url
    assert await house.stop() == 0


def install(program: Path, text: str) -> None:
    program.parent.mkdir()
    program.write_text(text)
    os.chmod(program, program.stat().st_mode | stat.S_IXUSR)  # noqa: PTH101
