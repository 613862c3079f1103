"""What nginx tells the app behind it, and the client when the app is away."""

import asyncio
import os
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path

import pytest
from starlette.datastructures import Headers
from starlette.requests import Request

from app.web.addresses import client_address
from scripts.deploy.nginx.render import TEMPLATE
from tests.deploy.front import AROUND, HOST, certify, free_ports, needs_nginx, nginx
from tests.ports import free_port

pytestmark = needs_nginx
PROXY = ip_network("127.0.0.1/32")


@pytest.mark.parametrize("claimed", ["6.6.6.6", "127.0.0.1, 6.6.6.6", "127.0.0.1"])
async def test_the_app_learns_the_real_client_whatever_he_claims(tmp_path: Path, claimed: str) -> None:
    async with _witness() as (port, heard), nginx(tmp_path, free_ports(), [port], tmp_path) as front:
        async with front.client(address="127.0.0.5") as client:
            await client.get("/", headers={"X-Forwarded-For": claimed, "Forwarded": f"for={claimed}", "Host": "a.test"})
        request = Request({"type": "http", "headers": heard[0].raw, "client": ("127.0.0.1", 1)})
    assert client_address(request, [PROXY]) == "127.0.0.5"
    assert heard[0].getlist("x-forwarded-for") == ["127.0.0.5"]
    assert heard[0]["host"] == "a.test"
    assert "forwarded" not in heard[0]


async def test_reads_share_a_kept_connection_and_creates_take_a_fresh_one(tmp_path: Path) -> None:
    async with (
        _witness() as (port, heard),
        nginx(tmp_path, free_ports(), [port], tmp_path) as front,
        front.client() as client,
    ):
        for method in ("GET", "GET", "POST", "POST"):
            await client.request(method, "/")
    kept = [headers["x-connection"] for headers in heard]
    assert kept[0] == kept[1]
    assert len(set(kept)) == 3


async def test_an_app_that_is_away_is_a_problem_with_a_time_to_come_back(tmp_path: Path) -> None:
    async with nginx(tmp_path, free_ports(), [free_port()], tmp_path) as front, front.client() as client:
        answer = await client.get("/api/models")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert (answer.json()["code"], answer.headers["retry-after"]) == ("unavailable", "2")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_the_command_prints_a_configuration_that_nginx_takes(tmp_path: Path) -> None:
    certify(tmp_path)
    given = {"DARKROOM_CERTIFICATES": str(tmp_path), "DARKROOM_LOG": str(tmp_path / "log"), "PATH": os.environ["PATH"]}
    command = [str(TEMPLATE.with_name("render.py")), HOST, "8000", "8001"]
    printed = subprocess.run(command, env=given, capture_output=True, text=True, check=True).stdout
    assert printed.count("server 127.0.0.1:8000 max_fails=0; server 127.0.0.1:8001 max_fails=0;") == 2
    assert "${DARKROOM" not in printed
    (tmp_path / "darkroom.conf").write_text(_on_free_ports(printed))
    (tmp_path / "nginx.conf").write_text(AROUND.format(folder=tmp_path))
    tried = subprocess.run(
        ["nginx", "-t", "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True, check=False
    )
    assert tried.returncode == 0, tried.stderr


def _on_free_ports(printed: str) -> str:
    """What listens here already is nobody's fault."""
    plain, secure = free_port(), free_port()
    for there, here in (("80", plain), ("443", secure)):
        printed = re.sub(rf"listen (\[::\]:)?{there}\b", rf"listen \g<1>{here}", printed)
    return printed


@asynccontextmanager
async def _witness() -> AsyncIterator[tuple[int, list[Headers]]]:
    """A server that answers everything, and remembers the headers it was given, and on which connection."""
    heard: list[Headers] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = str(writer.get_extra_info("peername")[1])
        while head := await _head(reader):
            lines = [line.partition(b": ")[::2] for line in head.split(b"\r\n")[1:] if line]
            given = [(name.lower(), value) for name, value in lines]
            heard.append(Headers(raw=[*given, (b"x-connection", peer.encode())]))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], heard


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""
