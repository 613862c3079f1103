"""A call for Python with httpx. What answered is left in `answer`."""

from app.web.samples.calls import Call
from app.web.samples.literals import LONGEST_LINE, PYTHON, literal

SECONDS = 90
STREAMED = ("events", "endless")
KEY = """if key := os.environ.get("DARKROOM_KEY"):  # on your own machine none is needed
    headers["x-api-key"] = key"""
SIGN = """body = json.dumps({body}).encode()
secret = os.environ["{secret}"].encode()
headers["{header}"] = "sha256=" + hmac.new(secret, body, "sha256").hexdigest()"""


def written(call: Call) -> str:
    return "\n".join([*_imports(call), "", *_before(call), *(_followed(call) if _streams(call) else _asked(call))])


def _imports(call: Call) -> list[str]:
    standard = [
        *(["import hmac", "import json"] if call.signature else []),
        *(["import os"] if call.needs_key or call.signature else []),
        *(["from pathlib import Path"] if call.upload or call.answers == "file" else []),
    ]
    return [*standard, *([""] if standard else []), "import httpx"]


def _before(call: Call) -> list[str]:
    headers = dict(call.headers) | ({"content-type": "application/json"} if call.signature else {})
    return [
        *([f"headers = {literal(headers, PYTHON)}"] if _has_headers(call) else []),
        *([KEY] if call.needs_key else []),
        *([_signing(call)] if call.signature else []),
    ]


def _signing(call: Call) -> str:
    made = SIGN.replace("{secret}", call.secret).replace("{header}", call.signature)
    return made.replace("{body}", literal(call.body, PYTHON))


def _has_headers(call: Call) -> bool:
    return bool(call.headers or call.needs_key or call.signature)


def _streams(call: Call) -> bool:
    return call.answers in STREAMED


def _asked(call: Call) -> list[str]:
    given = [f'"{call.url}"', *_given(call), f"timeout={SECONDS}"]
    return [_called(f"answer = httpx.{call.method.lower()}", given, ""), "answer.raise_for_status()", _shown(call)]


def _followed(call: Call) -> list[str]:
    given = [f'"{call.method}"', f'"{call.url}"', *_given(call), "timeout=None"]
    return [
        _called("with httpx.stream", given, " as answer:"),
        "    answer.raise_for_status()",
        "    for line in answer.iter_lines():",
        "        print(line)",
        *(_left() if call.answers == "endless" else []),
    ]


def _left() -> list[str]:
    return ['        if line.startswith("data:"):', "            break  # or go on: it has no end"]


def _given(call: Call) -> list[str]:
    return [*(["headers=headers"] if _has_headers(call) else []), *_sent(call)]


def _sent(call: Call) -> list[str]:
    if call.upload:
        return [f'files={{"{call.upload}": ("fox.png", Path("fox.png").read_bytes())}}']
    if call.signature:
        return ["content=body"]
    return [] if call.body is None else [f"json={literal(call.body, PYTHON, 1)}"]


def _called(function: str, given: list[str], end: str) -> str:
    flat = f"{function}({', '.join(given)}){end}"
    if len(flat) <= LONGEST_LINE and "\n" not in flat:
        return flat
    return f"{function}(\n" + "".join(f"    {each},\n" for each in given) + f"){end}"


def _shown(call: Call) -> str:
    if call.answers == "file":
        return f'Path("{call.url.rpartition("/")[2]}").write_bytes(answer.content)'
    return "print(answer.text)" if call.answers == "text" else "print(answer.json())"
