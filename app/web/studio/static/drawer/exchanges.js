/** The calls to the provider as they were recorded: what we sent and what came back, masked by the service itself. */

import {bytes, h} from "../ui.js";
import {copy} from "../list/copy.js";
import {lasted} from "./spans.js";

const PURPOSES = {create: "Create", look: "Look", cancel: "Cancel"};

export function exchanges({prediction, exchanges: all, timeline}) {
  const wasAsked = timeline.some((entry) => entry.kind === "asked");
  if (!all.length && !(wasAsked && prediction.completed_at)) return null;
  return h("section", {}, h("h3", {}, "Calls to the provider"),
    all.length ? h("div", {class: "calls"}, all.map(call)) : h("p", {class: "soft"}, "None is kept of it any more."));
}

function call(each, at) {
  const [outcome, tone] = each.status === null ? [`no answer: ${each.trouble}`, "bad"] : [String(each.status), each.status < 400 ? "good" : "bad"];
  return h("details", {"data-name": `call-${at}`},
    h("summary", {}, h("span", {class: "call-line"}, h("span", {class: "call-purpose"}, PURPOSES[each.purpose] ?? each.purpose), h("code", {class: "call-url"}, `${each.method} ${path(each.url)}`),
      h("span", {class: `call-status ${tone}`}, outcome), h("span", {class: "soft"}, lasted(each.seconds)))),
    message(`request-${at}`, "Request", `${each.method} ${each.url}`, each.request),
    each.answer ? message(`answer-${at}`, "Answer", `${each.status}`, each.answer)
      : h("p", {class: "warn"}, `Nothing came back (${each.trouble}); whether it was heard is not known from this alone.`));
}

function path(url) {
  try { return new URL(url).pathname; } catch { return url; }
}

function message(name, title, line, told) {
  const headers = Object.entries(told.headers), body = text(told);
  const whole = () => [line, ...headers.map(([key, value]) => `${key}: ${value}`), "", body].join("\n");
  return h("div", {class: "message"},
    h("div", {class: "message-head"}, h("h4", {}, title), h("span", {class: "soft"}, told.bytes ? bytes(told.bytes) : "without a body"),
      h("button", {type: "button", class: "quiet", "data-act": `copy-${name}`, "aria-label": `Copy the ${title.toLowerCase()}`, onclick: () => copy(whole(), `The ${title.toLowerCase()} is copied.`)}, "Copy")),
    h("code", {class: "message-line", dir: "ltr"}, line),
    headers.length > 0 && h("details", {class: "message-headers", "data-name": `headers-${name}`}, h("summary", {}, `${headers.length} headers`),
      h("dl", {}, headers.map(([key, value]) => h("div", {}, h("dt", {}, key), h("dd", {dir: "ltr"}, value))))),
    body && h("pre", {tabindex: "0", dir: "ltr", "aria-label": `Body of the ${title.toLowerCase()}`}, h("code", {}, body)));
}

/** Of a picture its type and size are all that is kept. */
function text({body, parts, bytes: size, content_type: type}) {
  if (parts) return parts.map((part) => `${part.name} = ${part.text ?? `(${part.content_type}, ${bytes(part.bytes)})`}`).join("\n");
  if (typeof body === "string") return body;
  if (body !== null && body !== undefined) return JSON.stringify(body, null, 2);
  return size ? `(${type ?? "of no type"}, ${bytes(size)})` : "";
}
