/** A request as code that runs as it stands. Keys are never in it. */

const HIDDEN = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ud800-\udfff]/gu;

export const LANGUAGES = {curl, Python: python, JavaScript: javascript};

/** What nobody sees in an editor, such as marks that turn text round, is written out. */
function visible(json) {
  return json.replace(HIDDEN, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const waits = (path) => !path.endsWith("/batches");

/** A quoted here-document takes every text as it is; a header without a value is not sent. */
function curl(url, path, body) {
  return [
    `curl -s ${url}${path} \\`,
    `  -H "x-api-key: $DARKROOM_KEY" \\`,
    ...(waits(path) ? ["  -H 'prefer: wait=60' \\"] : []),
    "  -H 'content-type: application/json' -d @- <<'JSON'",
    visible(JSON.stringify(body, null, 2)),
    "JSON",
  ].join("\n");
}

function python(url, path, body) {
  return [
    "import os",
    "",
    "import httpx",
    "",
    `headers = {${waits(path) ? '"prefer": "wait=60"' : ""}}`,
    'if key := os.environ.get("DARKROOM_KEY"):  # on your own machine none is needed',
    '    headers["x-api-key"] = key',
    `body = ${pythonic(body)}`,
    `answer = httpx.post("${url}${path}", headers=headers, json=body, timeout=90)`,
    "answer.raise_for_status()",
    waits(path) ? 'print(answer.json()["id"], answer.json()["output"])' : 'print(answer.json()["id"])',
  ].join("\n");
}

function pythonic(value, depth = 0) {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return visible(JSON.stringify(value));
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const inner = Array.isArray(value) ? value.map((each) => pythonic(each, depth + 1))
    : Object.entries(value).map(([name, each]) => `${visible(JSON.stringify(name))}: ${pythonic(each, depth + 1)}`);
  if (!inner.length) return open + close;
  const pad = "    ".repeat(depth + 1);
  return `${open}\n${inner.map((each) => `${pad}${each},\n`).join("")}${"    ".repeat(depth)}${close}`;
}

function javascript(url, path, body) {
  return [
    "const key = process.env.DARKROOM_KEY;  // on a server: whoever has the key can buy",
    `const answer = await fetch("${url}${path}", {`,
    '  method: "POST",',
    "  headers: {",
    '    "content-type": "application/json",',
    ...(waits(path) ? ['    "prefer": "wait=60",'] : []),
    '    ...(key ? {"x-api-key": key} : {}),',
    "  },",
    `  body: JSON.stringify(${visible(JSON.stringify(body, null, 2)).replaceAll("\n", "\n  ")}),`,
    "});",
    "if (!answer.ok) throw new Error((await answer.json()).detail);",
    waits(path) ? "const {id, output} = await answer.json();" : "const {id} = await answer.json();",
    waits(path) ? "console.log(id, output);" : "console.log(id);",
  ].join("\n");
}
