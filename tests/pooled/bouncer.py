"""The real PgBouncer in transaction mode, with TLS required, in front of the tests' Postgres.

Two server connections for everybody: whoever counts on meeting his own again is found out.
"""

import asyncio
import os
import random
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.faultrun.database import socket_of
from scripts.faultrun.proxies import Address, Proxy
from tests.deploy.front import certify
from tests.house import eventually
from tests.ports import free_port

needs_pgbouncer = pytest.mark.skipif(shutil.which("pgbouncer") is None, reason="no pgbouncer")
CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={server} user=darkroom
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
max_client_conn = 200
client_tls_sslmode = require
client_tls_key_file = {folder}/privkey.pem
client_tls_cert_file = {folder}/fullchain.pem
logfile = {folder}/pgbouncer.log
"""


@dataclass(frozen=True)
class Bouncer:
    port: int
    folder: Path

    @property
    def log(self) -> str:
        return (self.folder / "pgbouncer.log").read_text()

    def url(self, database: str, query: str = "sslmode=require&pgbouncer=true&connection_limit=1") -> str:
        return f"postgresql://darkroom@127.0.0.1:{self.port}/{database}?{query}"


@asynccontextmanager
async def bouncer(postgres_url: str) -> AsyncIterator[Bouncer]:
    """PgBouncer is never root, who alone may open our Postgres' socket: a port leads there."""
    proxy = Proxy("postgres", Address(free_port()), [Address(path=socket_of(postgres_url))], random.Random(1))
    await proxy.start()
    with tempfile.TemporaryDirectory(prefix="darkroom-bouncer-") as folder:
        found = Bouncer(free_port(), Path(folder))
        _prepare(found, proxy.listen.port)
        process = await asyncio.create_subprocess_exec(*_command(found), stderr=asyncio.subprocess.DEVNULL)
        try:
            await eventually(lambda: process.returncode is not None or _listens(found.port))
            assert process.returncode is None, found.log
            yield found
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            await proxy.stop()


def _prepare(found: Bouncer, server: int) -> None:
    certify(found.folder)
    configuration = CONFIGURATION.format(server=server, port=found.port, folder=found.folder)
    (found.folder / "pgbouncer.ini").write_text(configuration)
    (found.folder / "pgbouncer.log").touch()
    found.folder.chmod(0o755)
    for each in found.folder.iterdir():
        each.chmod(0o666)


def _command(found: Bouncer) -> list[str]:
    as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []
    return ["pgbouncer", *as_nobody, str(found.folder / "pgbouncer.ini")]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
