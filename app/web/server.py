"""How the application is served: one place, for the command and for tests."""

import resource
import socket
import sys
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from app.watch.collector import set_aside
from app.web.connections import Patience, protocol

DRAIN_SECONDS = 10


def server_config(
    application: Any, *, host: str, port: int, patience: Patience, drain_seconds: int = DRAIN_SECONDS
) -> uvicorn.Config:
    """Logs are ours; forwarded addresses are read by `auth` alone; no WebSockets."""
    return uvicorn.Config(
        application,
        host=host,
        port=port,
        http=protocol(patience),
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=drain_seconds,
    )


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        set_aside()


def serve(config: uvicorn.Config) -> None:
    """Until stopped."""
    server = _Server(config)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def allow_many_connections() -> None:
    """As many open files as this process may have; a shell's usual 1,024 are soon taken by clients who say nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):  # some systems say “without bound” and mean less
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
