"""The way in from the internet: a running ngrok, one of our own, or cloudflared; and its address just now."""

import asyncio
import re
import shutil
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import NoReturn
from urllib.parse import urlsplit

import httpx

from scripts.dev.refusals import GaveUp, Refused

NGROK_API = "http://127.0.0.1:4040"
OPEN_PATIENCE = 30
STEP = 0.2
FOLLOWED_EVERY = 3.0
_NGROK_SAYS_ITS_API = re.compile(r"obj=web addr=(\S+)")

NOTHING_INSTALLED = """--tunnel needs ngrok or cloudflared, and neither is installed or running.
Get ngrok from https://ngrok.com/download (then: ngrok config add-authtoken …), or cloudflared from
https://github.com/cloudflare/cloudflared/releases, or leave --tunnel away: results are then asked for."""


class Tunnel:
    """`command` starts it, and is empty when it runs already."""

    def __init__(self, name: str, command: tuple[str, ...], api: str, port: int) -> None:
        self.name = name
        self.command = command
        self._api = api
        self._port = port

    def overhear(self, line: str) -> None:
        """A second ngrok on the machine takes the next free address for its API, and says so."""
        said = _NGROK_SAYS_ITS_API.search(line) if self.name == "ngrok" else None
        if said:
            self._api = f"http://{said[1]}"

    async def until_open(self) -> str:
        began = time.monotonic()
        while (url := await self.url()) is None:
            if time.monotonic() - began > OPEN_PATIENCE:
                raise GaveUp(f"{self.name} opened no tunnel to port {self._port} within {OPEN_PATIENCE} s")
            await asyncio.sleep(STEP)
        return url

    async def follow(
        self, url: str, moved: Callable[[str], Awaitable[None]], every: float = FOLLOWED_EVERY
    ) -> NoReturn:
        """A free tunnel gets a new name whenever it reconnects."""
        while True:
            await asyncio.sleep(every)
            now = await self.url()
            if now is not None and now != url:
                url = now
                await moved(url)

    async def url(self) -> str | None:
        read = read_cloudflared if self.name == "cloudflared" else read_ngrok
        return await read(self._api, self._port)


async def find_tunnel(settings: Mapping[str, str], port: int) -> Tunnel:
    api = settings.get("NGROK_API_URL", NGROK_API).rstrip("/")
    if await read_ngrok(api, port):
        return Tunnel("ngrok", (), api, port)
    ngrok, cloudflared = shutil.which("ngrok"), shutil.which("cloudflared")
    if ngrok:
        return Tunnel("ngrok", (ngrok, "http", str(port), "--log=stdout", "--log-format=logfmt"), api, port)
    if cloudflared:
        metrics = f"127.0.0.1:{_free_port()}"
        command = (
            cloudflared,
            "tunnel",
            "--no-autoupdate",
            "--metrics",
            metrics,
            "--url",
            f"http://127.0.0.1:{port}",
        )
        return Tunnel("cloudflared", command, f"http://{metrics}", port)
    raise Refused(NOTHING_INSTALLED)


async def read_ngrok(api: str, port: int) -> str | None:
    """The public address that leads to our port, https where there is a choice."""
    answer = await _read(f"{api}/api/tunnels")
    tunnels = answer.get("tunnels") if answer else None
    leading_here = [
        str(tunnel["public_url"])
        for tunnel in (tunnels if isinstance(tunnels, list) else [])
        if _port_of(str(tunnel.get("config", {}).get("addr", ""))) == port
    ]
    return max(leading_here, key=lambda url: url.startswith("https:"), default=None)


async def read_cloudflared(metrics: str, port: int) -> str | None:
    answer = await _read(f"{metrics}/quicktunnel")
    hostname = answer.get("hostname") if answer else None
    return f"https://{hostname}" if hostname else None


async def _read(url: str) -> dict[str, object] | None:
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=3) as client:
            answer = await client.get(url, headers={"accept": "application/json"})
            body = answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return None
    return body if isinstance(body, dict) else None


def _port_of(address: str) -> int | None:
    """ngrok writes a local address as a URL, as host and port, or as the port alone."""
    if address.isdecimal():
        return int(address)
    try:
        return urlsplit(address if "://" in address else f"//{address}").port
    except ValueError:
        return None


def _free_port() -> int:
    for port in range(20_241, 20_341):  # cloudflared's own range begins at 20241
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    return 20_241
