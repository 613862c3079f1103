/** Chaos: how the emulator misbehaves, while it runs. There in development, and where an emulator sells; else nothing. */

import {get, post} from "../../api.js";
import {h, toast} from "../../ui.js";
import {GROUPS, SCENARIOS} from "./faults.js";

export function chaos() {
  const place = h("section", {class: "chaos card", hidden: true, "aria-labelledby": "chaos-title"});
  const state = {faults: {}, known: {}, isNotThere: false};
  place.wake = async () => {
    if (state.isNotThere || place.querySelector("input:active")) return;
    try {
      Object.assign(state, await get("/api/dev/faults"));
      if (place.hidden) build(place, state);
      else redraw(place, state);
    } catch (problem) {
      state.isNotThere = problem.status === 404;
    }
  };
  return place;
}

function build(place, state) {
  place.hidden = false;
  const now = h("p", {class: "soft now", role: "status"});
  const scenarios = Object.entries(SCENARIOS).map(([name, {text, faults}]) =>
    h("button", {type: "button", "data-scenario": name, title: text, onclick: () => direct(place, state, faults)}, name));
  const groups = Object.entries(grouped(state.known)).map(([name, faults], at) =>
    h("details", {open: at === 0}, h("summary", {}, name, h("span", {class: "count soft"})),
      h("div", {class: "switches"}, faults.map(([fault, meaning]) => toggle(fault, meaning, place, state)))));
  place.replaceChildren(
    h("header", {}, h("h2", {id: "chaos-title"}, "Chaos"), h("p", {class: "soft"}, "How the emulator misbehaves, from the next prediction on. What is paid for has to end stored all the same.")),
    h("div", {class: "row scenarios", role: "group", "aria-label": "Scenarios"}, scenarios), now, ...groups);
  redraw(place, state);
}

function grouped(known) {
  const left = new Map(Object.entries(known));
  const found = {};
  for (const [name, test] of Object.entries(GROUPS)) {
    const own = [...left].filter(([fault]) => test.test(fault));
    for (const [fault] of own) left.delete(fault);
    if (own.length) found[name] = own;
  }
  if (left.size) found.Others = [...left];
  return found;
}

function toggle(name, meaning, place, state) {
  const share = h("input", {type: "range", min: "0", max: "100", step: "5", "aria-label": `${name}: share of predictions`, id: `share-${name}`});
  const said = h("span", {class: "share", "aria-hidden": "true"});
  const on = h("input", {type: "checkbox", role: "switch", id: `fault-${name}`, "aria-describedby": `about-${name}`});
  on.addEventListener("change", () => change(place, state, name, on.checked ? 1 : 0));
  share.addEventListener("input", () => { said.textContent = `${share.value} %`; });
  share.addEventListener("change", () => change(place, state, name, Number(share.value) / 100));
  return h("div", {class: "switch", "data-fault": name},
    on, h("label", {for: `fault-${name}`}, h("b", {class: "mono"}, name), h("span", {class: "soft", id: `about-${name}`}, meaning)), share, said);
}

function change(place, state, name, share) {
  const {[name]: before, ...rest} = state.faults;
  const kept = typeof before === "object" ? {...before, share} : share;
  return direct(place, state, share ? {...rest, [name]: kept} : rest);
}

async function direct(place, state, faults) {
  try {
    Object.assign(state, await post("/api/dev/faults", faults));
  } catch (problem) {
    toast(problem.message, "bad");
    place.querySelector(".now").textContent = problem.message;
    redraw(place, state, false);
    return;
  }
  redraw(place, state);
}

function redraw(place, state, tells = true) {
  const standing = Object.keys(state.faults);
  for (const row of place.querySelectorAll("[data-fault]")) {
    const fault = state.faults[row.dataset.fault];
    const share = Math.round(100 * (typeof fault === "object" ? fault.share ?? 1 : fault ?? 0));
    const [on, range, said] = [row.querySelector("[role=switch]"), row.querySelector("[type=range]"), row.querySelector(".share")];
    on.checked = share > 0;
    range.value = String(share);
    range.setAttribute("aria-valuetext", `${share} %`);
    said.textContent = `${share} %`;
    row.classList.toggle("on", share > 0);
  }
  for (const group of place.querySelectorAll("details")) {
    const count = group.querySelectorAll(".switch.on").length;
    group.querySelector(".count").textContent = count ? ` ${count} on` : "";
  }
  for (const button of place.querySelectorAll("[data-scenario]")) {
    button.setAttribute("aria-pressed", String(same(SCENARIOS[button.dataset.scenario].faults, state.faults)));
  }
  const told = standing.length ? `Now: ${standing.join(", ")}.` : "Now: calm. Nothing goes wrong on purpose.";
  const now = place.querySelector(".now");
  if (tells && now.textContent !== told) now.textContent = told;
}

function same(one, other) {
  const plain = (faults) => JSON.stringify(Object.entries(faults).sort());
  return plain(one) === plain(other);
}
