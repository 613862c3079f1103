"""The application, and the process around it."""

import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scripts.emulator import views
from scripts.emulator.book import Book
from scripts.emulator.cdn import Cdn
from scripts.emulator.control import Control
from scripts.emulator.creates import Creates
from scripts.emulator.door import Door
from scripts.emulator.journal import Journal
from scripts.emulator.limits import Limits
from scripts.emulator.orders import Refusal
from scripts.emulator.outputs import Outputs
from scripts.emulator.reads import Reads
from scripts.emulator.settings import Settings
from scripts.emulator.webhooks import Webhooks
from scripts.emulator.wire import WireProtocol
from scripts.emulator.work import Work

log = logging.getLogger("emulator")

HOST = "127.0.0.1"


class Server(uvicorn.Server):
    """Ends at the first signal: whoever is being held gets an answer at once."""

    def __init__(self, config: uvicorn.Config, book: Book) -> None:
        super().__init__(config)
        self._book = book

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._book.stopping.set()
        self.should_exit = True


def run(settings: Settings) -> None:
    listener = _listen(settings.port)
    settings = replace(settings, port=listener.getsockname()[1])
    journal = Journal(settings.journal)
    book = Book(settings, journal)
    config = uvicorn.Config(
        application(book),
        http=WireProtocol,
        ws="none",
        log_level="warning",
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,
    )
    log.info("ready http://%s:%s", HOST, settings.port)
    if book.faults.given:
        log.info("faults: %s", ", ".join(book.faults.given))
    Server(config, book).run(sockets=[listener])
    journal.close()


def application(book: Book) -> Starlette:
    files, webhooks = Outputs(), Webhooks(book)
    work = Work(book, files, webhooks)
    limits, cdn = Limits(book), Cdn(book, files)
    creates, reads = Creates(book, work, webhooks, limits), Reads(book, work)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        work.resume()
        yield
        work.stop()
        await webhooks.close()
        files.close()

    async def refused(request: Request, trouble: Exception) -> Response:
        assert isinstance(trouble, Refusal)
        return views.error(book.dialect, trouble)

    async def unknown(request: Request, trouble: Exception) -> Response:
        assert isinstance(trouble, HTTPException)
        return views.error(book.dialect, Refusal(trouble.status_code, "ENDPOINT_NOT_FOUND", trouble.detail))

    async def broken(request: Request, trouble: Exception) -> Response:
        return views.error(book.dialect, Refusal(500, "INTERNAL_ERROR", "The emulator itself broke."))

    return Starlette(
        routes=[
            *Door(book, creates, reads, limits).routes(),
            *Control(book, work, webhooks, limits).routes(),
            Route("/cdn/bytes/{n:int}", cdn.count),
            Route("/cdn/{id}/{name}", cdn.output),
        ],
        exception_handlers={Refusal: refused, HTTPException: unknown, Exception: broken},
        lifespan=lifespan,
    )


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    return listener
