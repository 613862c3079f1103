"""The real nginx with the configuration that we ship, on loopback ports, with a certificate of its own."""

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from scripts.deploy.nginx.render import render, values
from tests.house import eventually
from tests.ports import free_port

HOST = "darkroom.test"
needs_nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="no nginx")
AROUND = """
daemon off;
user root;  # pytest's folders are root's alone
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/darkroom.conf;
}}
"""


@dataclass(frozen=True)
class Ports:
    http: int
    https: int

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.https}"


@dataclass(frozen=True)
class Front:
    ports: Ports
    folder: Path

    @property
    def log(self) -> str:
        return (self.folder / "access.log").read_text()

    def client(self, address: str = "127.0.0.1") -> httpx.AsyncClient:
        """One that comes from this address."""
        trust = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        transport = httpx.AsyncHTTPTransport(verify=trust, local_address=address)
        return httpx.AsyncClient(base_url=self.ports.url, transport=transport, timeout=60)


def free_ports() -> Ports:
    return Ports(free_port(), free_port())


@asynccontextmanager
async def nginx(folder: Path, ports: Ports, web: Sequence[int], blobs: Path) -> AsyncIterator[Front]:
    certify(folder)
    _write(folder, ports, web, blobs)
    errors = folder / "error.log"
    process = await asyncio.create_subprocess_exec("nginx", "-e", str(errors), "-c", str(folder / "nginx.conf"))
    try:
        await eventually(lambda: process.returncode is not None or _listens(ports.https))
        assert process.returncode is None, errors.read_text()
        yield Front(ports, folder)
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _write(folder: Path, ports: Ports, web: Sequence[int], blobs: Path) -> None:
    changed = {
        "DARKROOM_BLOBS": str(blobs),
        "DARKROOM_CERTIFICATES": str(folder),
        "DARKROOM_ACME": str(folder / "acme"),
        "DARKROOM_HTTP": f"127.0.0.1:{ports.http}",
        "DARKROOM_HTTP_IPV6": f"127.0.0.2:{ports.http}",
        "DARKROOM_HTTPS": f"127.0.0.1:{ports.https}",
        "DARKROOM_HTTPS_IPV6": f"127.0.0.2:{ports.https}",
        "DARKROOM_LOG": str(folder / "access.log"),
    }
    (folder / "darkroom.conf").write_text(render(values(HOST, [str(port) for port in web]) | changed))
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder))


def certify(folder: Path) -> None:
    """Named as certbot names them."""
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST},IP:127.0.0.1"]
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(["openssl", "req", *kind, *names, *files], check=True, capture_output=True)
