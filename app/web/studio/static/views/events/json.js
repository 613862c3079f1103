/** A body: as pretty JSON with its kinds told apart, or raw as it came. Always text, never markup. */

import {h, toast} from "../../ui.js";

const LARGEST = 60_000;
const TOKENS = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

export function body(text) {
  const pretty = indented(text);
  const shown = h("pre", {class: "json", tabindex: "0", "aria-label": "Body", dir: "ltr"});
  const draw = (raw) => shown.replaceChildren(...(raw || pretty === null ? [text] : coloured(pretty)));
  const raw = h("button", {type: "button", "aria-pressed": "false", disabled: pretty === null, onclick: () => {
    const on = raw.getAttribute("aria-pressed") !== "true";
    raw.setAttribute("aria-pressed", String(on));
    draw(on);
  }}, "Raw");
  draw(false);
  return h("div", {class: "body"},
    h("div", {class: "row"}, h("h3", {}, "Body"), h("span", {class: "spacer"}), raw,
      h("button", {type: "button", onclick: () => copy(text)}, "Copy")),
    shown);
}

export function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}

function coloured(text) {
  if (text.length > LARGEST) return [text];
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(TOKENS)) {
    parts.push(text.slice(at, found.index), h("span", {class: kind(found)}, found[0]));
    at = found.index + found[0].length;
  }
  return [...parts, text.slice(at)];
}

function kind([, string, colon]) {
  return colon ? "name" : string ? "string" : "value";
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied.");
  } catch {
    toast("The browser does not let us copy; select it instead.", "warn");
  }
}
