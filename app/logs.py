"""structlog: lines for people on a terminal, one JSON object per line elsewhere."""

import logging
import sys

import structlog

WITHOUT_LOCALS = structlog.dev.RichTracebackFormatter(show_locals=False)
"""structlog's own choice would print every frame's variables, keys and prompts among them."""
QUIET = ("httpx", "httpcore", "pgqueuer", "uvicorn", "uvicorn.error", "uvicorn.access", "alembic")


def configure_logs(level: str = "INFO", form: str = "auto") -> None:
    """Once per process, before anything logs. Foreign loggers (uvicorn, pgqueuer) come out the same way.

    `form` is `console`, `json`, or `auto`: console where stderr is a terminal.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=WITHOUT_LOCALS)]
        if form == "console" or (form == "auto" and sys.stderr.isatty())
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.getLogger("pgqueuer").addFilter(_without_lost_connections)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _without_lost_connections(record: logging.LogRecord) -> bool:
    """PgQueuer tells of a lost connection ten times a second, each with its traceback; our own loop says it once."""
    error = record.exc_info[1] if record.exc_info else None
    return not (isinstance(error, OSError) or type(error).__module__.startswith("asyncpg"))
