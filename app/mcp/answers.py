"""What a tool answers: words for the model, data for programs, links to the files, and small pictures to look at."""

import base64
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec

from mcp.types import CallToolResult, ContentBlock, ImageContent, ResourceLink, TextContent

from app.mcp import words
from app.mcp.api import Answer, Api, Away, Refused

LARGEST_PICTURE = 150_000
MOST_PICTURES = 4
UNSURE_FROM = 500
PRIVATE = ("client_token",)
"""Opens a prediction to whoever has it: nothing for a transcript."""

Given = ParamSpec("Given")


def plain(text: str, told: Answer) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=text)], structured_content=told)


async def of_prediction(api: Api, told: Answer, *, pictures: bool, **more: Any) -> CallToolResult:
    shown = {name: value for name, value in told.items() if name not in PRIVATE}
    stored = [each for each in told["files"] if each["url"]]
    small = stored[:MOST_PICTURES] if pictures else []
    content: list[ContentBlock] = [TextContent(text=words.of_prediction(told)), *map(_link, stored)]
    content += [made for each in small if (made := await _picture(api, each)) is not None]
    return CallToolResult(content=content, structured_content=shown | more)


def _link(file: Answer) -> ContentBlock:
    name = file["url"].rpartition("/")[2]
    return ResourceLink(uri=file["url"], name=name, mime_type=file["content_type"], size=file["bytes"])


async def _picture(api: Api, file: Answer) -> ContentBlock | None:
    """Its thumbnail."""
    url = file["thumbnail_url"]
    content = await api.small_file(url, LARGEST_PICTURE) if url else None
    if content is None:
        return None
    return ImageContent(data=base64.b64encode(content).decode(), mime_type="image/webp")


def refusals_told(
    tool: Callable[Given, Awaitable[CallToolResult]],
) -> Callable[Given, Awaitable[CallToolResult]]:
    """What the service refuses is the tool's answer: its code, what is wrong, and the cure."""

    @wraps(tool)
    async def telling(*given: Given.args, **named: Given.kwargs) -> CallToolResult:
        try:
            return await tool(*given, **named)
        except (Away, Refused) as trouble:
            told = _told(trouble)
            return _problem(told, words.cure_of(told))

    return telling


def not_ordered(trouble: Away | Refused, key: str) -> CallToolResult:
    """Refused, unless nobody knows whether the order was heard."""
    told = _told(trouble)
    if isinstance(trouble, Refused) and trouble.status < UNSURE_FROM:
        return _problem(told, words.cure_of(told))
    return _problem(told | {"idempotency_key": key}, words.again_with(key))


def _told(trouble: Away | Refused) -> Answer:
    if isinstance(trouble, Refused):
        return dict(trouble.told)
    return {"code": "away", "detail": f"{trouble} does not answer as Darkroom would."}


def _problem(told: Answer, cure: str) -> CallToolResult:
    text = words.of_problem(told, cure)
    return CallToolResult(content=[TextContent(text=text)], structured_content=told | {"cure": cure}, is_error=True)
