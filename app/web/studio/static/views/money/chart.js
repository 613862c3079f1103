/** What each day captured, as bars; the value under the pointer or the arrow keys is told above, and a table has all. */

import {h, money} from "../../ui.js";

const WIDE = 1000, HIGH = 200;

export class DayChart {
  constructor() {
    this.days = [];
    this.chosen = -1;
    this.told = h("output", {class: "chart-told", "aria-live": "polite"});
    this.place = h("div", {class: "chart-place"});
    this.scale = h("div", {class: "chart-scale soft", "aria-hidden": "true"});
    this.ends = h("div", {class: "chart-ends soft", "aria-hidden": "true"});
    this.rows = h("tbody");
    this.section = h("section", {class: "card money-days", "aria-label": "Days"},
      h("div", {class: "chart-head"}, h("h2", {}, "Day by day"), this.told),
      h("div", {class: "chart-frame"}, this.scale, this.place), this.ends,
      h("details", {}, h("summary", {}, "As a table"), h("div", {class: "table", tabindex: "0", role: "region", "aria-label": "Days as a table"},
        h("table", {}, h("thead", {}, h("tr", {}, ["Day", "Captured", "Predictions"].map((name) => h("th", {scope: "col"}, name)))), this.rows))));
  }

  show(costs, count) {
    const focused = this.place.contains(document.activeElement);
    this.days = filled(costs, count);
    this.chosen = Math.min(this.chosen, this.days.length - 1);
    this.place.replaceChildren(this.drawn());
    if (focused) this.place.firstElementChild.focus();
    const most = Math.max(...this.days.map((day) => day.amount));
    this.scale.replaceChildren(h("span", {}, most ? money(short(most)) : ""), h("span", {}, "$0"));
    this.ends.replaceChildren(h("span", {}, named(this.days[0].name)), h("span", {}, "today"));
    this.rows.replaceChildren(...this.days.filter((day) => day.predictions).reverse().map((day) => h("tr", {},
      h("th", {scope: "row"}, named(day.name)), h("td", {}, money(day.captured)), h("td", {}, String(day.predictions)))));
    if (!this.rows.children.length) this.rows.append(h("tr", {}, h("td", {colspan: "3"}, "Nothing was captured in these days.")));
    this.choose(this.chosen);
  }

  drawn() {
    const most = Math.max(...this.days.map((day) => day.amount)) || 1, step = WIDE / this.days.length;
    const chart = svg("svg", {
      viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", tabindex: "0", role: "img", class: "chart",
      "aria-label": `${this.days.length} days, ${money(short(this.sum()))} altogether. Left and right arrow keys tell each day.`,
    });
    this.days.forEach((day, at) => {
      const high = day.amount ? Math.max(3, HIGH * day.amount / most) : 0;
      chart.append(svg("rect", {class: "day-room", x: at * step, y: 0, width: step, height: HIGH}));
      chart.append(svg("rect", {class: "day", x: at * step + step * .12, y: HIGH - high, width: step * .76, height: high, rx: Math.min(6, step * .1)}));
    });
    chart.addEventListener("pointermove", (event) => this.choose(this.under(chart, event)));
    chart.addEventListener("pointerleave", () => this.choose(-1));
    chart.addEventListener("focus", () => this.choose(this.chosen < 0 ? this.days.length - 1 : this.chosen));
    chart.addEventListener("blur", () => this.choose(-1));
    chart.addEventListener("keydown", (event) => this.moved(event));
    return chart;
  }

  sum() {
    return this.days.reduce((all, day) => all + day.amount, 0);
  }

  under(chart, event) {
    const {left, width} = chart.getBoundingClientRect();
    return Math.min(this.days.length - 1, Math.max(0, Math.floor((event.clientX - left) / width * this.days.length)));
  }

  moved(event) {
    const last = this.days.length - 1;
    const to = {ArrowLeft: this.chosen - 1, ArrowRight: this.chosen + 1, Home: 0, End: last}[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.choose(Math.min(last, Math.max(0, to)));
  }

  choose(at) {
    this.chosen = at;
    this.place.querySelectorAll(".day-room").forEach((room, number) => room.classList.toggle("chosen", number === at));
    const day = this.days[at];
    this.told.textContent = day ? `${named(day.name)}: ${money(day.captured)}, ${day.predictions} ${day.predictions === 1 ? "prediction" : "predictions"}`
      : `${money(short(this.sum()))} in ${this.days.length} days`;
  }
}

/** Every day up to today by the books' own calendar; the API leaves out those on which nothing was captured. */
function filled(costs, count) {
  const known = new Map(costs.days.map((day) => [day.name, day]));
  const today = new Date(`${costs.day}T00:00:00Z`).getTime();
  return Array.from({length: count}, (_, at) => {
    const name = new Date(today - (count - 1 - at) * 86_400_000).toISOString().slice(0, 10);
    const day = known.get(name) ?? {name, captured: "0", predictions: 0};
    return {...day, amount: Number(day.captured)};
  });
}

function named(day) {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString(undefined, {day: "numeric", month: "short", year: "numeric", timeZone: "UTC"});
}

function short(amount) {
  return amount.toFixed(6);
}

function svg(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
