"""`darkroom web`, `darkroom worker`, `darkroom migrate`: what the Procfile runs."""

from typing import Annotated

import typer

from app.bootstrap import database_url, web_application
from app.cli.terminal import run, say, tool_settings
from app.db.migrations import migrate as migrate_database
from app.logs import configure_logs
from app.refusals import load_settings
from app.web.connections import Patience
from app.web.server import allow_many_connections, serve, server_config
from app.worker import work


def web() -> None:
    """Serve HTTP on HOST:PORT."""
    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    allow_many_connections()
    patience = Patience(settings.http_header_seconds, settings.http_idle_seconds, settings.http_stall_seconds)
    serve(server_config(web_application(settings), host=settings.host, port=settings.port, patience=patience))


For = Annotated[
    float | None,
    typer.Option("--for", min=1, metavar="SECONDS", help="Stop after so long, for those who have only cron."),
]


def worker(seconds: For = None) -> None:
    """Submit, collect and reconcile until stopped.

    Where nothing may run for ever, let cron start `darkroom worker --for 55`
    every minute; what is done then ends, and two at once are no harm.
    """
    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    run(work(settings, seconds=seconds))


def migrate() -> None:
    """Bring the database's tables up to this release."""
    migrate_database(database_url(tool_settings()))
    say("migrated")
