"""A call for a shell. `$DARKROOM_KEY` may be empty: curl leaves out a header without a value."""

from app.web.samples.calls import Call
from app.web.samples.literals import JSON, literal

FLAGS = {"events": "N", "endless": "N", "file": "O"}
SIGN = """SIGNATURE=$(printf %s "$BODY" | openssl dgst -sha256 -hmac "${secret}" | cut -d' ' -f2)"""


def written(call: Call) -> str:
    method = "" if call.method == _usual(call) else f"-X {call.method} "
    first = f"curl -s{FLAGS.get(call.answers, '')} {method}'{call.url}'"
    return "\n".join([*_signing(call), " \\\n  ".join([first, *_headers(call), *_sent(call)])])


def _usual(call: Call) -> str:
    """What curl takes it for by itself."""
    return "POST" if call.body is not None or call.upload else "GET"


def _headers(call: Call) -> list[str]:
    return [
        *(['-H "x-api-key: $DARKROOM_KEY"'] if call.needs_key else []),
        *(f"-H {_quoted(f'{name}: {text}')}" for name, text in call.headers.items()),
        *(["-H 'content-type: application/json'"] if call.body is not None else []),
        *([f'-H "{call.signature}: sha256=$SIGNATURE"'] if call.signature else []),
    ]


def _sent(call: Call) -> list[str]:
    if call.upload:
        return [f"-F {call.upload}=@fox.png"]
    if call.signature:
        return ['-d "$BODY"']
    return [] if call.body is None else [f"-d {_quoted(literal(call.body, JSON, 1))}"]


def _signing(call: Call) -> list[str]:
    if not call.signature:
        return []
    return [f"BODY={_quoted(literal(call.body, JSON))}", SIGN.replace("{secret}", call.secret)]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
