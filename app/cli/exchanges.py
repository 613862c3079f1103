"""Calls to a provider, on a terminal: each in one line, or whole."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.text import Text

from app.cli.terminal import console
from app.db.exchanges import Said


def in_one_line(said: Said) -> Text:
    outcome = said.trouble if said.status is None else str(said.status)
    size = f"  {said.answer['bytes']:,} bytes" if said.answer else ""
    return Text(f"{said.method} {said.url.partition('?')[0]}  {outcome}  {said.seconds:.3f} s{size}")


def print_raw(exchanges: Sequence[Said]) -> None:
    """As on the wire, but for what was masked and cut."""
    for said in exchanges:
        console.print()
        for line in _whole(said):
            console.print(Text(line), soft_wrap=True)
    if not exchanges:
        console.print("No call is kept of it.")


def _whole(said: Said) -> Iterator[str]:
    yield f"→ {said.method} {said.url}  ({said.purpose}, {said.at:%Y-%m-%d %H:%M:%S} UTC)"
    yield from _message(said.request)
    yield ""
    yield f"← {said.status or said.trouble}  ({said.seconds:.3f} s)"
    if said.answer is not None:
        yield from _message(said.answer)


def _message(message: dict[str, Any]) -> Iterator[str]:
    yield from (f"  {name}: {value}" for name, value in message["headers"].items())
    body, parts = message.get("body"), message.get("parts")
    if parts:
        yield from ("", *(f"  {_part(part)}" for part in parts))
    elif body is not None:
        text = body if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False)
        yield from ("", *(f"  {line}" for line in text.splitlines()))
    elif message["bytes"]:
        yield from ("", f"  ({message['content_type'] or 'of no type'}, {message['bytes']:,} bytes)")


def _part(part: dict[str, Any]) -> str:
    if "text" in part:
        return f"{part['name']} = {part['text']}"
    return f"{part['name']} = ({part['content_type']}, {part['bytes']:,} bytes)"


def as_json(said: Said) -> dict[str, Any]:
    return asdict(said) | {"at": said.at.isoformat()}
