"""The server, over standard input and output."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from inspect import getdoc
from typing import Any

import anyio
import httpx
from mcp.server.mcpserver import MCPServer
from mcp.types import ToolAnnotations

from app.mcp.api import Api
from app.mcp.tools import Tools

INSTRUCTIONS = """\
Darkroom makes pictures, videos and music with many providers' models, stores what was made, and keeps the books.
Every create_prediction costs money, so order once: if it is not finished, ask get_prediction; never order it again.
The files' links stay. `quote` tells a price, list_models what there is, get_costs what was spent."""
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
BUYS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True)
ENDS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False)
ANSWER_SECONDS = 30.0


def serve(url: str, key: str) -> None:
    """Until standard input ends. `key` may be empty where none is needed."""
    anyio.run(_serve, url, key)


async def _serve(url: str, key: str) -> None:
    async with open_api(url, key) as api:
        await server_of(Tools(api)).run_stdio_async()


@asynccontextmanager
async def open_api(url: str, key: str) -> AsyncIterator[Api]:
    headers = {
        "User-Agent": f"darkroom-mcp/{version('darkroom')}",
        **({"Authorization": f"Bearer {key}"} if key else {}),
    }
    async with (
        httpx.AsyncClient(base_url=url, headers=headers, timeout=ANSWER_SECONDS) as http,
        httpx.AsyncClient(follow_redirects=True, timeout=ANSWER_SECONDS) as plain,
    ):
        yield Api(http, plain)


def server_of(tools: Tools) -> MCPServer:
    made = MCPServer(
        "darkroom", title="Darkroom", instructions=INSTRUCTIONS, version=version("darkroom"), log_level="WARNING"
    )
    offered: list[tuple[Callable[..., Any], ToolAnnotations]] = [
        (tools.create_prediction, BUYS),
        (tools.quote, READS),
        (tools.get_prediction, READS),
        (tools.list_predictions, READS),
        (tools.cancel_prediction, ENDS),
        (tools.list_models, READS),
        (tools.get_costs, READS),
    ]
    for tool, annotations in offered:
        made.add_tool(tool, description=getdoc(tool), annotations=annotations)
    return made
