"""The transport that opens sockets to public addresses only."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx

from app.outbound.addresses import Network, may_reach, parse
from app.outbound.errors import AddressRefused
from app.outbound.wide import WideStream

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]

MAX_ATTEMPTS = 4  # addresses tried for one connection; each gets a fair part of the time that is left
USUAL_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20)


class SystemResolver:
    """The machine's resolver, on threads of its own: a dead DNS server must not starve the disk's threads."""

    def __init__(self, threads: int = 8) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="resolver")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return all addresses of a host, best first. Raises OSError when there is none."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return [str(entry[4][0]) for entry in found]


class GuardBackend(httpcore.AsyncNetworkBackend):
    """Resolves once, judges every answer, connects to a judged address and to nothing else."""

    def __init__(self, resolve: Resolve, allow_nets: Sequence[Network]) -> None:
        self._resolve = resolve
        self._allow_nets = tuple(allow_nets)
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Open a socket. Raises AddressRefused if any answer is not public, httpcore's errors otherwise."""
        try:
            async with asyncio.timeout(timeout) as clock:
                addresses = await self._judged(host, port)
                return await self._first_to_answer(addresses, port, clock, local_address, socket_options)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[SocketOption] | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Always raise AddressRefused: nothing outside listens on a file."""
        raise AddressRefused(path, "unix socket")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _judged(self, host: str, port: int) -> list[str]:
        literal = parse(host)
        try:
            answers = [str(literal)] if literal is not None else await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"cannot resolve {host}: {error}") from error
        for answer in answers:
            address = parse(answer)
            if address is None or not may_reach(address, self._allow_nets):
                raise AddressRefused(host, answer)
        return list(dict.fromkeys(answers))[:MAX_ATTEMPTS]

    async def _first_to_answer(
        self,
        addresses: Sequence[str],
        port: int,
        clock: asyncio.Timeout,
        local_address: str | None,
        socket_options: Iterable[SocketOption] | None,
    ) -> httpcore.AsyncNetworkStream:
        trouble: Exception = httpcore.ConnectError("the host has no address")
        for position, address in enumerate(addresses):
            share = _share(clock, len(addresses) - position)
            try:
                stream = await self._network.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
            else:
                return WideStream(stream)
        raise trouble


def _share(clock: asyncio.Timeout, among: int) -> float | None:
    end = clock.when()
    return None if end is None else (end - asyncio.get_running_loop().time()) / among


class GuardTransport(httpx.AsyncHTTPTransport):
    """httpx's transport with the guard below it. No proxy, no unix socket, nothing from the environment."""

    def __init__(
        self,
        *,
        allow_nets: Sequence[Network] = (),
        resolve: Resolve | None = None,
        limits: httpx.Limits = USUAL_LIMITS,
    ) -> None:
        context = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=GuardBackend(resolve or SystemResolver(), allow_nets),
        )


def open_client(
    *,
    allow_nets: Sequence[Network] = (),
    resolve: Resolve | None = None,
    limits: httpx.Limits = USUAL_LIMITS,
    timeout: float = 10.0,
) -> httpx.AsyncClient:
    """Return a guarded client that follows no redirect, keeps no cookie, reads no environment. Close it."""
    return httpx.AsyncClient(
        transport=GuardTransport(allow_nets=allow_nets, resolve=resolve, limits=limits),
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )
