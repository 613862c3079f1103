"""Whether a port is ours to take, asked before anything is started that would need it."""

import asyncio
import errno
import socket
import time

from scripts.dev.refusals import Refused

PATIENCE = 2.0  # children of an `up` that was killed a moment ago take a moment to go
STEP = 0.05


async def wait_until_free(setting: str, host: str, port: int, patience: float = PATIENCE) -> None:
    began = time.monotonic()
    while (trouble := _trouble(host, port)) is not None:
        if trouble.errno != errno.EADDRINUSE or time.monotonic() - began > patience:
            raise Refused(
                f"port {port} of {host} cannot be had ({trouble.strerror}). Stop what uses it, or move "
                f"with {setting}: {setting}={port + 10} ./scripts/up"
            )
        await asyncio.sleep(STEP)


def _trouble(host: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what merely lingers is no obstacle
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None
