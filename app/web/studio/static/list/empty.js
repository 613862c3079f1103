/** What stands where no cards are. */

import {h} from "../ui.js";

/** Where the first cards will be, until the first answer. */
export function skeleton() {
  return Array.from({length: 4}, () => h("div", {class: "bone", "aria-hidden": "true"}, h("div", {class: "shimmer"})));
}

export function beginning() {
  const order = `curl ${location.origin}/api/generate -H 'content-type: application/json' \\\n  -d '{"prompt": "a red fox"}'`;
  return h("div", {class: "card beginning"},
    h("h3", {}, "Nothing here yet"),
    h("p", {class: "soft"}, "Whatever you ask for appears here at once, and its picture the moment it is stored. Ask in the form above, or from a terminal:"),
    h("pre", {tabindex: "0", "aria-label": "A first request with curl"}, h("code", {}, order)));
}

export function nothing(clear) {
  return h("div", {class: "card beginning"},
    h("h3", {}, "Nothing matches"),
    h("p", {class: "soft"}, "None of your predictions is like that."),
    h("p", {}, h("button", {type: "button", onclick: clear}, "Show all")));
}
