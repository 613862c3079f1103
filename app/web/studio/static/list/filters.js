/** Above the list: whether it is live, and what of it is shown. `change` tells of a filter, `search` of words. */

import {h} from "../ui.js";
import {loadModels} from "./models.js";
import {states} from "./words.js";

const MARKS = {
  live: ["●", "Live", "good", "Changes come as they happen."],
  polling: ["◌", "Polling", "", "The live stream is not to be had; the list asks every few seconds instead."],
  away: ["○", "Away, trying again", "warn", "The service does not answer. What you see is what was there last; it comes back by itself."],
  out: ["⊘", "Signed out", "warn", "Sign in to see your predictions."],
};

export class Filters extends EventTarget {
  constructor() {
    super();
    this.mark = h("span", {class: "list-mark", role: "status"});
    this.search = h("input", {type: "search", placeholder: "Search prompts", "aria-label": "Search the prompts below", maxlength: "200", oninput: () => this.dispatchEvent(new Event("search"))});
    this.status = this.#choice("status", "Any state", states);
    this.provider = this.#choice("provider", "Any provider", []);
    this.model = this.#choice("model", "Any model", []);
    this.element = h("div", {class: "list-head"},
      h("div", {class: "row"}, h("h2", {id: "list-title"}, "Your predictions"), this.mark),
      h("div", {class: "list-filters", role: "search", "aria-label": "Predictions"}, this.search, this.status, this.provider, this.model));
  }

  get words() { return this.search.value.trim().toLocaleLowerCase(); }
  get isNarrow() { return Boolean(this.words || Object.keys(this.filter).length); }

  /** As the list's query has it. */
  get filter() {
    const chosen = {status: this.status.value, provider: this.provider.value, model: this.model.value};
    return Object.fromEntries(Object.entries(chosen).filter(([, value]) => value));
  }

  clear() {
    this.search.value = this.status.value = this.provider.value = this.model.value = "";
    this.dispatchEvent(new Event("change"));
  }

  async load() {
    const models = await loadModels(), sorted = (names) => [...new Set(names)].sort().map((name) => [name, name]);
    fill(this.provider, sorted(models.map((each) => each.provider)));
    fill(this.model, sorted(models.map((each) => each.model)));
  }

  tell(state) {
    if (this.mark.dataset.state === state) return;
    const [sign, word, tone, meaning] = MARKS[state];
    this.mark.dataset.state = state;
    this.mark.className = `list-mark ${tone}`;
    this.mark.title = meaning;
    this.mark.replaceChildren(h("span", {"aria-hidden": "true"}, `${sign} `), word);
  }

  #choice(name, any, options) {
    const choice = h("select", {name, "aria-label": any.replace("Any ", "By "), onchange: () => this.dispatchEvent(new Event("change"))}, h("option", {value: ""}, any));
    fill(choice, options);
    return choice;
  }
}

function fill(choice, options) {
  const had = choice.value;
  choice.replaceChildren(choice.firstElementChild, ...options.map(([value, word]) => h("option", {value}, word)));
  choice.value = had;
}
