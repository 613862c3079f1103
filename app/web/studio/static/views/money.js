/** Money: today against the budget, the days before, and who spent it on what. */

import {get} from "../api.js";
import {h} from "../ui.js";
import {budget} from "./money/budget.js";
import {DayChart} from "./money/chart.js";
import {drift, shares} from "./money/shares.js";

const EVERY = 5000;
const RANGES = [["7", "7 days"], ["30", "30 days"], ["90", "90 days"], ["365", "a year"]];

customElements.define("dr-money", class extends HTMLElement {
  connectedCallback() {
    this.days = "30";
    this.seen = "";
    this.build();
    this.again = () => this.look();
    document.addEventListener("visibilitychange", this.again);
    document.addEventListener("dr-signed-in", this.again);
    this.look();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.again);
    document.removeEventListener("dr-signed-in", this.again);
    clearTimeout(this.timer);
    this.asking?.abort();
  }

  build() {
    this.notice = h("p", {class: "money-notice warn", role: "status"});
    this.today = h("section", {class: "card money-today", "aria-busy": "true", "aria-label": "Today"});
    this.chart = new DayChart();
    this.tables = h("div", {class: "money-tables"});
    const range = h("select", {id: "money-range", onchange: (event) => this.choose(event.target.value)},
      RANGES.map(([value, text]) => h("option", {value, selected: value === this.days}, text)));
    this.replaceChildren(
      h("div", {class: "money-head"}, h("h1", {}, "Money"),
        h("label", {class: "money-range", for: "money-range"}, h("span", {class: "soft"}, "Looking back"), range)),
      this.notice, this.today, this.chart.section, this.tables);
  }

  choose(days) {
    this.days = days;
    this.look();
  }

  async look() {
    clearTimeout(this.timer);
    this.asking?.abort();
    if (document.hidden) return;
    const asking = this.asking = new AbortController();
    try {
      this.show(await get(`/api/costs?days=${this.days}`, {signal: asking.signal}));
      this.notice.textContent = "";
    } catch (error) {
      if (error.name === "AbortError") return;
      this.tell(error);
      if (error.status === 401) return; // signing in looks again
    }
    if (this.isConnected && !asking.signal.aborted) this.timer = setTimeout(this.again, EVERY);
  }

  /** What was there stays there. */
  tell(error) {
    if (error.status === 401) this.notice.textContent = "Sign in to see what was spent.";
    else if (error.status === 403) this.notice.textContent = "This key may not read. It needs the scope read.";
    else this.notice.textContent = `${error.message} It is asked again by itself${this.seen ? "; below is what was known last" : ""}.`;
  }

  show(costs) {
    const now = JSON.stringify([costs, this.days, new Date().getMinutes()]);
    if (now === this.seen) return;
    this.seen = now;
    this.today.removeAttribute("aria-busy");
    this.today.replaceChildren(...budget(costs));
    this.chart.show(costs, Number(this.days));
    const noKeys = costs.keys.every((key) => key.name === "-");
    this.tables.replaceChildren(...[
      shares("By model", "Model", costs.models),
      noKeys ? null : shares("By key", "Key", costs.keys.map((key) => key.name === "-" ? {...key, label: "no key"} : key)),
      costs.providers.length > 1 ? shares("By provider", "Provider", costs.providers) : null,
      drift(costs.drift),
    ].filter(Boolean));
  }
});
