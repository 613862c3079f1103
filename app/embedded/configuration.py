"""With which words and settings Postgres is started."""

import os
from collections.abc import Mapping
from pathlib import Path

from app.embedded.binaries import Binaries
from app.embedded.cluster import PORT, ROLE

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "",
    "log_checkpoints": "off",
    "logging_collector": "off",
}


def initdb_arguments(binaries: Binaries, made: Path, *, is_synced: bool) -> list[str]:
    locale = ["--locale=C"]
    if binaries.major >= 17:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [
        *(binaries.initdb, "--pgdata", str(made), "--username", ROLE, "--encoding=UTF8", *locale),
        *("--auth-local=trust", "--auth-host=reject", "--data-checksums", "--no-instructions"),
        *(() if is_synced else ("--no-sync",)),
    ]


def server_arguments(binaries: Binaries, folder: Path, sockets: Path, settings: Mapping[str, str]) -> list[str]:
    quoted = '"{}"'.format(str(sockets).replace('"', '""'))
    complete = {**settings, "unix_socket_directories": quoted}
    options = [word for name, value in complete.items() for word in ("-c", f"{name}={value}")]
    return [binaries.postgres, "-D", str(folder), *options]


def environment() -> dict[str, str]:
    """Ours without what libpq reads, and with the language in which we read the server's words."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}
