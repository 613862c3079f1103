/** The endpoints, each with how it is. */

import {h} from "../../ui.js";
import {worded} from "../words.js";

export const STATES = {
  enabled: ["enabled", "good", "✓"],
  failing: ["failing", "warn", "!"],
  disabled: ["disabled", "bad", "–"],
};

export function list(place, endpoints, {chosen, onadd}) {
  if (!endpoints) return place.replaceChildren(h("ul", {class: "rows ghosts", "aria-busy": "true", "aria-label": "Loading"}, h("li", {class: "ghost"})));
  if (!endpoints.length) return place.replaceChildren(empty(onadd));
  const shown = JSON.stringify([chosen, endpoints]);
  if (place.dataset.shown === shown && place.querySelector("a")) return;
  const had = place.contains(document.activeElement) && document.activeElement.getAttribute("href");
  place.dataset.shown = shown;
  place.replaceChildren(h("ul", {class: "rows"}, endpoints.map((each) => h("li", {}, link(each, chosen)))));
  if (had) [...place.querySelectorAll("a")].find((each) => each.getAttribute("href") === had)?.focus();
}

function link(each, chosen) {
  const [word, tone, sign] = STATES[each.state];
  return h("a", {href: `#/webhooks/${each.id}`, class: "event", "aria-current": each.id === chosen ? "true" : null},
    h("span", {class: `sign ${tone}`, "aria-hidden": "true"}, sign),
    h("span", {class: "what"},
      h("b", {dir: "auto"}, each.description || short(each.url)),
      h("span", {class: "soft", dir: "auto"}, each.description ? short(each.url) : `told of ${wanted(each)}`)),
    h("span", {class: "when"}, h("span", {class: tone}, word)));
}

export function wanted({events}) {
  return events.length ? events.map((each) => each.replace("prediction.", "")).join(", ") : "every event";
}

function short(url) {
  return url.replace(/^https?:\/\//, "").replace(/\?.*$/, "");
}

function empty(onadd) {
  return h("div", {class: "empty"},
    h("p", {}, h("b", {}, "Nobody is told yet.")),
    h("p", {class: "soft"}, worded("Add an address of yours: it is told of every prediction that begins and ends, signed by Standard Webhooks, and tried again for a day.")),
    h("button", {type: "button", onclick: onadd}, "Add an endpoint"));
}
