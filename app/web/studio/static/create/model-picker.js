/** Which model: a button that says it, and a list that can be searched, with what each can do, costs and takes. */

import {h, money, seconds} from "../ui.js";

const VERBS = {generate: "Make", img2img: "Change", inpaint: "Repaint", upscale: "Enlarge", img2video: "Animate", variations: "Vary"};
const UNASKED = ["variations"];

export const nameOf = ({provider, model}) => `${provider}/${model}`;

export class ModelPicker {
  constructor(chosen) {
    this.onchosen = chosen;
    this.models = [];
    this.current = null;
    this.operation = "";
    this.name = h("b", {dir: "auto"}, "Loading models …");
    this.facts = h("span", {class: "soft"});
    this.element = h("button", {type: "button", class: "model", "aria-haspopup": "dialog", disabled: true, onclick: () => this.open()},
      h("span", {class: "visually-hidden"}, "Model: "), h("span", {class: "words"}, this.name, this.facts), h("span", {class: "chevron", "aria-hidden": "true"}, "▾"));
  }

  offer(models) {
    this.models = models;
    this.element.disabled = !models.length;
    if (!models.length) this.name.textContent = "No models to choose from";
  }

  waits() {
    if (!this.models.length) this.name.textContent = "No models yet";
  }

  show(model) {
    this.current = model;
    this.name.textContent = model.model;
    this.facts.textContent = factsOf(model);
  }

  open() {
    this.build();
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.search.focus();
    this.list();
  }

  build() {
    this.search = h("input", {type: "search", role: "combobox", "aria-label": "Search models", "aria-expanded": "true", "aria-controls": "model-list", "aria-autocomplete": "list", placeholder: "Search models", autocomplete: "off", oninput: () => this.list(), onkeydown: (event) => this.key(event)});
    this.options = h("ul", {role: "listbox", id: "model-list", "aria-label": "Models"});
    this.none = h("p", {class: "soft", role: "status", hidden: true}, "No model is like that.");
    const close = h("button", {type: "button", onclick: () => this.dialog.close()}, "Close");
    this.dialog = h("dialog", {class: "model-dialog", "aria-label": "Choose a model", onclose: () => { this.dialog.remove(); this.element.focus(); }},
      h("header", {class: "row"}, this.search, close), this.filters(), this.options, this.none);
    this.dialog.addEventListener("click", (event) => { if (event.target === this.dialog) this.dialog.close(); });
  }

  filters() {
    const known = [...new Set(this.models.flatMap((each) => each.operations))].filter((each) => !UNASKED.includes(each));
    const made = ["", ...known].map((operation) => h("button", {type: "button", "aria-pressed": String(operation === this.operation), onclick: (event) => this.narrow(operation, event.currentTarget)}, operation ? wordFor(operation) : "All"));
    return h("div", {class: "chips", role: "group", "aria-label": "What it can do"}, made);
  }

  narrow(operation, pressed) {
    this.operation = operation;
    for (const each of pressed.parentElement.children) each.setAttribute("aria-pressed", String(each === pressed));
    this.list();
  }

  list() {
    const wanted = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    this.found = this.models.filter((each) => (!this.operation || each.operations.includes(this.operation))
      && wanted.every((word) => `${nameOf(each)} ${each.kind} ${each.description}`.toLowerCase().includes(word)));
    this.options.replaceChildren(...this.found.map((each, at) => this.option(each, at)));
    this.none.hidden = this.found.length > 0;
    this.options.hidden = !this.found.length;
    this.mark(Math.max(0, this.found.indexOf(this.current)));
  }

  option(model, at) {
    const does = model.operations.filter((each) => !UNASKED.includes(each)).map(wordFor).join(" · ");
    return h("li", {role: "option", id: `model-${at}`, "aria-selected": "false", class: model.offline ? "offline" : "", onclick: () => this.choose(model)},
      h("span", {class: "words"}, h("b", {dir: "auto"}, model.model), h("span", {class: "soft", dir: "auto"}, [model.provider, does, model.offline && "offline just now"].filter(Boolean).join(" · ")), model.description && h("span", {class: "soft about", dir: "auto"}, model.description)),
      h("span", {class: "cost"}, h("b", {}, money(model.example_cost)), model.usual_seconds && h("span", {class: "soft"}, `≈ ${seconds(model.usual_seconds)}`)));
  }

  key(event) {
    const ways = {ArrowDown: this.at + 1, ArrowUp: this.at - 1, Home: 0, End: this.found.length - 1};
    if (event.key === "Enter") { event.preventDefault(); if (this.found[this.at]) this.choose(this.found[this.at]); return; }
    if (!(event.key in ways)) return;
    event.preventDefault();
    this.mark(Math.min(this.found.length - 1, Math.max(0, ways[event.key])));
  }

  mark(at) {
    this.at = at;
    [...this.options.children].forEach((each, index) => each.setAttribute("aria-selected", String(index === at)));
    this.options.children[at]?.scrollIntoView({block: "nearest"});
    if (this.found.length) this.search.setAttribute("aria-activedescendant", `model-${at}`);
    else this.search.removeAttribute("aria-activedescendant");
  }

  choose(model) {
    this.dialog.close();
    this.onchosen(model);
  }
}

const wordFor = (operation) => VERBS[operation] ?? operation.replaceAll("-", " ");

function factsOf(model) {
  const usual = model.usual_seconds ? `usually ${seconds(model.usual_seconds)}` : "";
  const price = model.example_cost === null ? "" : `${money(model.example_cost)}${model.price ? ` per ${model.price.unit}` : ""}`;
  return [model.provider, price, usual].filter(Boolean).join(" · ");
}
