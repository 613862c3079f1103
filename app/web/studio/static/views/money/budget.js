/** Today: a bar as long as the budget, filled by what was captured and what is held, marked where alerts are told. */

import {h, money} from "../../ui.js";

const MARKS = [50, 80, 100];

export function budget(costs) {
  const captured = Number(costs.today);
  return [
    h("div", {class: "money-figures"},
      figure("Today", money(costs.today), "captured"),
      costs.daily_budget === null ? null : figure("Left today", money(costs.budget_remaining), `of ${money(costs.daily_budget)}`, tone(costs)),
      figure("Held now", money(costs.held), "for what is under way"),
      figure("Ever", money(costs.total), "captured")),
    costs.daily_budget === null ? none() : bar(costs, captured),
  ];
}

function figure(name, value, about, kind = "") {
  return h("div", {class: "money-figure"},
    h("span", {class: "soft"}, name), h("strong", {class: kind}, value), h("span", {class: "soft"}, about));
}

function none() {
  return h("p", {class: "soft"}, "No daily budget is set. ", h("code", {}, "DAILY_BUDGET"), " bounds the whole service, ",
    h("code", {}, "darkroom keys create --daily-budget"), " a single key.");
}

/** What is held is what neither is left nor was captured; an overrun makes the bar longer than the budget. */
function bar(costs, captured) {
  const whole = Number(costs.daily_budget), left = Number(costs.budget_remaining);
  const held = Math.max(0, whole - left - captured);
  const scale = Math.max(whole, captured + held) || 1;
  const percent = whole ? Math.round(100 * (captured + held) / whole) : 100;
  const track = h("div", {
    class: `money-bar ${tone(costs)}`, role: "meter", "aria-valuemin": "0", "aria-valuemax": "100",
    "aria-valuenow": String(Math.min(percent, 100)), "aria-label": "Of today's budget",
    "aria-valuetext": `${percent} % of ${money(costs.daily_budget)}: ${money(costs.today)} captured, ${dollars(held)} held`,
  }, part("captured", captured / scale), part("held", held / scale));
  const marks = MARKS.map((at) => placed(h("span", {class: "money-mark"}, `${at} %`), whole * at / 100 / scale));
  return h("div", {class: "money-budget"}, track, h("div", {class: "money-marks", "aria-hidden": "true"}, marks),
    h("p", {class: "money-legend"},
      h("span", {class: "key captured"}, `Captured ${money(costs.today)}`), h("span", {class: "key held"}, `Held ${dollars(held)}`)),
    h("p", {class: tone(costs) || "soft"}, sentence(costs, percent)));
}

function part(name, share) {
  const made = h("span", {class: `money-part ${name}`});
  made.style.setProperty("--part", String(share));
  return made;
}

function placed(mark, share) {
  mark.style.setProperty("--at", String(share));
  return mark;
}

function tone(costs) {
  const whole = Number(costs.daily_budget), used = whole - Number(costs.budget_remaining);
  if (costs.daily_budget === null || used < whole * .8) return "";
  return Number(costs.budget_remaining) <= 0 ? "bad" : "warn";
}

function sentence(costs, percent) {
  const anew = `It begins anew ${until(costs.resets_at)}.`;
  if (percent > 100) return `The budget is overrun: providers billed more than was held. Creates are refused. ${anew}`;
  if (Number(costs.budget_remaining) <= 0) return `The budget is used up: creates are refused. ${anew}`;
  return `${percent} % of today's budget is used. ${anew}`;
}

/** "in 5 h 12 min, at 02:00", by the reader's own clock. */
function until(time) {
  if (!time) return "never";
  const minutes = Math.max(1, Math.ceil((new Date(time) - Date.now()) / 60000));
  const hours = Math.floor(minutes / 60);
  const clock = new Date(time).toLocaleTimeString(undefined, {hour: "2-digit", minute: "2-digit"});
  return `in ${hours ? `${hours} h ` : ""}${minutes % 60} min, at ${clock}`;
}

function dollars(amount) {
  return money(amount.toFixed(6));
}
