"""`darkroom web`, `darkroom worker`, `darkroom migrate`: what the Procfile runs."""

import uvicorn

from app.bootstrap import database_url, web_application
from app.cli.terminal import run, say, tool_settings
from app.db.migrations import migrate as migrate_database
from app.logs import configure_logs
from app.refusals import load_settings
from app.worker import work

DRAIN_SECONDS = 10
IDLE_SECONDS = 75


def web() -> None:
    """Serve HTTP on HOST:PORT."""
    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    uvicorn.run(
        web_application(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        timeout_keep_alive=IDLE_SECONDS,
    )


def worker() -> None:
    """Submit, collect and reconcile until stopped."""
    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    run(work(settings))


def migrate() -> None:
    """Bring the database's tables up to this release."""
    migrate_database(database_url(tool_settings()))
    say("migrated")
