/** Big tiles that have to read zero: green when they do, and with the cure when they do not. */

import {h, money} from "../../ui.js";
import {worded} from "../words.js";

const NAMES = ["outputs_lost", "purchases_unknown", "overdue", "held_jobs", "orphans", "set_aside", "drift", "wrong_balances"];

export function zeros(place, found, {check} = {}) {
  if (!found) return place.replaceChildren(...NAMES.map(() => h("div", {class: "zero card ghost-tile"})));
  place.removeAttribute("aria-busy");
  const shown = JSON.stringify(found);
  if (place.dataset.shown === shown) return;
  place.dataset.shown = shown;
  place.replaceChildren(...found.map((each) => (each.value === null ? unknown(each, check) : tile(each))));
}

function tile(each) {
  const good = each.value === 0;
  return h("div", {class: `zero card ${good ? "well" : "ill"}`, "data-name": each.name},
    h("p", {class: "figure"}, figure(each), h("span", {class: "visually-hidden"}, good ? ", as it should be" : ", which should be zero")),
    h("p", {class: "name"}, each.said),
    !good && h("p", {class: "cure"}, worded(`→ ${each.cure}.`)),
    !good && each.name === "orphans" && h("a", {href: "#/events"}, "Show them"));
}

function unknown(each, check) {
  return h("div", {class: "zero card", "data-name": each.name},
    h("p", {class: "figure soft"}, "–", h("span", {class: "visually-hidden"}, "not looked at yet")),
    h("p", {class: "name"}, each.said),
    h("button", {type: "button", onclick: check}, "Check the books"));
}

function figure({value, unit}) {
  if (unit === "USD") return money(String(value));
  return unit && value ? `${value} ${unit}` : String(value);
}
