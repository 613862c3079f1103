"""A call for Node with `fetch`; one without key and files is the same in a browser. `answer` is what answered."""

from app.web.samples.calls import Call
from app.web.samples.literals import JSON, literal

KEY = "const key = process.env.DARKROOM_KEY;  // on your own machine none is needed"
KEY_HEADER = '(key ? {"x-api-key": key} : {})'
SIGN = """const body = JSON.stringify({body});
const signature = createHmac("sha256", process.env.{secret}).update(body).digest("hex");"""
FORM = """const form = new FormData();
form.append("{part}", new Blob([await readFile("fox.png")]), "fox.png");"""
EVENTS = """for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
  console.log(text);"""
LEFT = '  if (text.includes("data:")) break;  // or go on: it has no end'


def written(call: Call) -> str:
    return "\n".join([*_imports(call), *_before(call), *_request(call), *_after(call)])


def _imports(call: Call) -> list[str]:
    needed = [
        *(['import {createHmac} from "node:crypto";'] if call.signature else []),
        *(['import {readFile} from "node:fs/promises";'] if call.upload else []),
        *(['import {writeFile} from "node:fs/promises";'] if call.answers == "file" else []),
    ]
    return [*needed, *([""] if needed else [])]


def _before(call: Call) -> list[str]:
    return [
        *([KEY] if call.needs_key else []),
        *([FORM.replace("{part}", call.upload)] if call.upload else []),
        *(
            [SIGN.replace("{body}", literal(call.body, JSON)).replace("{secret}", call.secret)]
            if call.signature
            else []
        ),
    ]


def _request(call: Call) -> list[str]:
    options = [*([] if call.method == "GET" else [f'method: "{call.method}"']), *_headers(call), *_sent(call)]
    if not options:
        return [f'const answer = await fetch("{call.url}");']
    return [f'const answer = await fetch("{call.url}", {{', *(f"  {each}," for each in options), "});"]


def _headers(call: Call) -> list[str]:
    given = [
        *(f'"{name}": "{text}"' for name, text in call.headers.items()),
        *(['"content-type": "application/json"'] if call.body is not None else []),
        *([f'"{call.signature}": `sha256=${{signature}}`'] if call.signature else []),
    ]
    if not given:
        return [f"headers: {KEY_HEADER[1:-1]}"] if call.needs_key else []
    lines = [*given, *([f"...{KEY_HEADER}"] if call.needs_key else [])]
    return ["headers: {\n" + "".join(f"    {each},\n" for each in lines) + "  }"]


def _sent(call: Call) -> list[str]:
    if call.upload:
        return ["body: form"]
    if call.signature:
        return ["body"]
    return [] if call.body is None else [f"body: JSON.stringify({literal(call.body, JSON, 1)})"]


def _after(call: Call) -> list[str]:
    refused = "if (!answer.ok) throw new Error(await answer.text());"
    if call.answers in ("events", "endless"):
        return [refused, EVENTS, *([LEFT] if call.answers == "endless" else []), "}"]
    return [refused, _shown(call)]


def _shown(call: Call) -> str:
    if call.answers == "file":
        return f'await writeFile("{call.url.rpartition("/")[2]}", Buffer.from(await answer.arrayBuffer()));'
    return f"console.log(await answer.{'text' if call.answers == 'text' else 'json'}());"
