/** The list: one row for each delivery. Rows are kept while they stay, so that focus and scroll do too. */

import {ago, bytes, h} from "../../ui.js";
import {worded} from "../words.js";

export const VERDICTS = {
  applied: ["applied", "good", "✓"],
  waiting: ["waiting", "warn", "…"],
  set_aside: ["set aside", "bad", "!"],
  rejected: ["not believed", "bad", "✗"],
};

const EMPTY = {
  all: ["Nothing was delivered yet.", "Make a picture, or send a test event; `darkroom trigger succeeded` does the same from a terminal."],
  waiting: ["Nothing waits.", "A delivery whose prediction is not known would lie here, to be attached."],
  rejected: ["Nobody was turned away.", "Deliveries whose signature does not verify show here in development, with the reason."],
};

export function list(place, deliveries, {chosen, filter, onsend, onmore}) {
  if (!deliveries) return place.replaceChildren(waiting());
  if (!deliveries.length) return place.replaceChildren(empty(filter, onsend));
  const known = new Map([...place.querySelectorAll("li[data-id]")].map((row) => [row.dataset.id, row]));
  const rows = deliveries.map((each) => redrawn(known.get(each.id), each, chosen));
  const held = place.querySelector("ul") ?? h("ul", {class: "rows"});
  if (rows.some((row, at) => held.children[at] !== row) || held.children.length !== rows.length) held.replaceChildren(...rows);
  const more = onmore ? [h("button", {type: "button", class: "more", onclick: onmore}, "Older ones")] : [];
  if (held.parentNode !== place || place.children.length !== 1 + more.length) place.replaceChildren(held, ...more);
}

function redrawn(row, each, chosen) {
  const shown = `${each.verdict} ${each.id === chosen}`;
  if (row?.dataset.shown === shown) {
    row.querySelector("time").textContent = ago(each.received_at);
    return row;
  }
  const made = h("li", {"data-id": each.id, "data-shown": shown, class: row ? "" : "new"}, link(each, chosen));
  const hadFocus = row?.contains(document.activeElement);
  if (hadFocus) queueMicrotask(() => made.firstChild.focus());
  return made;
}

function link(each, chosen) {
  const [word, tone, sign] = VERDICTS[each.verdict];
  return h("a", {href: `#/events/${each.id}`, class: `event ${each.verdict}`, "aria-current": each.id === chosen ? "true" : null},
    h("span", {class: `sign ${tone}`, "aria-hidden": "true"}, sign),
    h("span", {class: "what"},
      h("b", {dir: "auto"}, says(each)),
      h("span", {class: "soft", dir: "auto"}, `${each.provider} · ${each.provider_id ?? bytes(each.bytes)}`)),
    h("span", {class: "when"},
      h("span", {class: tone}, word),
      h("time", {class: "soft", datetime: each.received_at, title: new Date(each.received_at).toLocaleString()}, ago(each.received_at))));
}

function says(each) {
  if (each.verdict === "rejected") return each.findings.find((found) => found.state === "bad")?.said ?? "too large to be diagnosed";
  return each.says ?? "unreadable";
}

function empty(filter, onsend) {
  const [title, text] = EMPTY[filter];
  return h("div", {class: "empty"}, h("p", {}, h("b", {}, title)), h("p", {class: "soft"}, worded(text)),
    filter === "all" && h("button", {type: "button", onclick: onsend}, "Send a test event"));
}

function waiting() {
  return h("ul", {class: "rows ghosts", "aria-busy": "true", "aria-label": "Loading"}, [1, 2, 3, 4].map(() => h("li", {class: "ghost"})));
}
