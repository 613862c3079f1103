/** The form itself: what to make, with which model, for how much. */

import {Away} from "../api.js";
import {h, money} from "../ui.js";
import {linesOf, ordersOf, troubleWith} from "./batch.js";
import {openCode} from "./code.js";
import {keep, recall} from "./draft.js";
import {examplesFor} from "./examples.js";
import {ModelPicker, nameOf} from "./model-picker.js";
import {Price} from "./price.js";
import {run} from "./run.js";
import {schemaForm} from "./schema-form.js";

const UNKNOWN = {provider: "", model: "", kind: "image", operations: ["generate"], input_schema: {}, price: null, example_cost: null};

export class Composer {
  constructor() {
    this.draft = recall();
    this.values = this.draft.input ?? {};
    this.model = UNKNOWN;
    this.isRunning = false;
    this.done = this.left = "";
    this.picker = new ModelPicker((model) => { this.use(model); this.form.prompt?.control.focus(); });
    this.price = new Price((found) => this.showPrice(found));
    this.build();
    this.makeForm();
  }

  build() {
    this.fields = h("div", {class: "fields"});
    this.many = h("input", {type: "checkbox", role: "switch", id: "create-many", onchange: () => this.turnMany()});
    this.manyLabel = h("label", {class: "many", for: "create-many"}, this.many, "One prompt a line");
    this.chips = h("div", {class: "chips examples", role: "group", "aria-label": "Examples"});
    this.trouble = h("p", {class: "trouble", role: "status", dir: "auto", hidden: true});
    this.problem = h("p", {class: "problem whole", role: "alert", dir: "auto", hidden: true});
    this.note = h("p", {class: "soft note", role: "status"});
    this.code = h("button", {type: "button", onclick: () => this.showCode()}, "Copy as code");
    this.button = h("button", {type: "submit", class: "primary run", title: "Ctrl+Enter"}, "Run");
    this.foot = h("footer", {hidden: true}, this.note, this.code, this.button);
    this.element = h("form", {class: "card composer", novalidate: true, autocomplete: "off", "aria-label": "Create", onsubmit: (event) => { event.preventDefault(); this.run(); }},
      h("header", {}, h("h1", {}, "Create"), this.picker.element), this.fields, this.trouble, this.problem, this.foot);
  }

  /** The models have come: the one of last time, if it is still there, else the first that makes pictures. */
  offer(models, usual) {
    this.picker.offer(models);
    if (!models.length) return;
    const last = models.find((each) => nameOf(each) === this.draft.model);
    const first = models.find((each) => nameOf(each) === usual) ?? models.find((each) => each.operations.includes("generate") && each.kind === "image" && !each.offline);
    this.use(models.find((each) => nameOf(each) === nameOf(this.model)) ?? last ?? first ?? models[0]);
  }

  use(model) {
    const isSame = nameOf(model) === nameOf(this.model) && JSON.stringify(model.input_schema) === JSON.stringify(this.model.input_schema);
    this.model = model;
    this.picker.show(model);
    if (!isSame) this.makeForm();
    this.foot.hidden = false;
    this.changed();
  }

  /** What was typed stays: by its name, or as the prompt and the picture that it is. */
  makeForm() {
    const before = this.form;
    const typing = before?.prompt?.control === document.activeElement ? before.prompt.control.selectionStart : null;
    if (before) this.values = {...this.values, ...before.read()};
    this.form = schemaForm(this.model.input_schema, () => this.changed());
    const words = this.form.fields.filter((each) => !each.isPicture);
    words.forEach((each) => each.write(this.values[each.name]));
    if (before) this.form.inherit(before);
    const isKnown = this.model !== UNKNOWN;
    this.form.prompt?.element.append(isKnown ? h("div", {class: "under"}, this.chips, this.form.takesLines && this.manyLabel) : "");
    this.fields.replaceChildren(...[this.form.first, isKnown && this.form.beside].filter(Boolean));
    if (typing !== null) { this.form.prompt?.control.focus(); this.form.prompt?.control.setSelectionRange(typing, typing); }
    this.turnMany();
  }

  /** As an earlier prediction was asked for. */
  fill({provider, model, input}, models) {
    const found = models.find((each) => each.provider === provider && each.model === model);
    if (found) this.use(found);
    this.form.write(input);
    const seed = this.form.fields.find((each) => each.name === "seed");
    if (seed && input.seed !== undefined) seed.element.closest("details")?.setAttribute("open", "");
    this.many.checked = false;
    this.turnMany();
    this.element.scrollIntoView({block: "nearest"});
    this.form.prompt?.control.focus();
  }

  changed() {
    if (this.model === UNKNOWN) return;
    this.say("");
    this.tellNote("");
    this.remember();
    this.suggest();
    this.askPrice();
  }

  /** A price that may no longer be true is not shown; another prompt costs the same. */
  askPrice() {
    const order = this.priced(this.order());
    const count = this.isMany ? Math.max(1, this.lines().length) : 1;
    const about = JSON.stringify([order, count], (name, value) => (name === this.form.prompt?.name ? null : value));
    if (about !== this.about) this.found = null;
    this.about = about;
    this.showButton();
    this.price.follow(order, this.model, count);
  }

  remember() {
    const pictures = this.form.pictures.map((each) => each.name);
    const input = Object.fromEntries(Object.entries({...this.values, ...this.form.read()}).filter(([name]) => !pictures.includes(name)));
    for (const each of this.form.fields) if (each.read() === undefined) delete input[each.name];
    this.values = input;
    keep({model: nameOf(this.model), input});
  }

  suggest() {
    const [image, mask] = [false, true].map((isMask) => this.form.pictures.some((each) => (each.spec.kind === "mask") === isMask && !each.isEmpty()));
    const examples = this.form.prompt ? examplesFor(this.model, {image, mask}) : [];
    const wanted = examples.map(([title]) => title).join();
    if (this.chips.dataset.shown === wanted) return;
    this.chips.dataset.shown = wanted;
    this.chips.replaceChildren(...examples.map(([title, prompt]) => h("button", {type: "button", title: prompt, onclick: () => this.tryOut(prompt)}, title)));
  }

  tryOut(prompt) {
    const {prompt: field} = this.form;
    const before = this.isMany ? String(field.read() ?? "").trimEnd() : "";
    field.write(before ? `${before}\n${prompt}` : prompt);
    field.complain("");
    field.control.focus();
    this.changed();
  }

  get isMany() { return this.many.checked && this.form.takesLines; }

  turnMany() {
    const control = this.form.prompt?.control;
    this.element.classList.toggle("many-prompts", this.isMany);
    if (control && this.form.takesLines) control.placeholder = this.isMany ? "One prompt a line, up to 100" : "What should be seen?";
    this.changed();
  }

  lines() { return linesOf(String(this.form.prompt?.read() ?? "")); }

  order() {
    const {provider, model} = this.model;
    return {provider, model, input: this.form.read()};
  }

  /** Before a word is typed there is a price already: that of any prompt. */
  priced(order) {
    const name = this.form.prompt?.name;
    if (!name) return order;
    return {...order, input: {...order.input, [name]: this.isMany ? this.lines()[0] ?? "a picture" : order.input[name] ?? "a picture"}};
  }

  showPrice({price, isExact, remaining, fits, errors}) {
    this.form.hint(errors);
    this.found = {price, isExact};
    this.showButton();
    const left = remaining === null || remaining === undefined ? "" : `${money(remaining)} left today`;
    this.left = fits || !left ? left : `${left}: too little for this run`;
    this.note.classList.toggle("warn", Boolean(left) && !fits);
    this.tellNote();
  }

  /** What was just done, and what is left of the budget. */
  tellNote(done = this.done) {
    this.done = done;
    this.note.textContent = [done, this.left].filter(Boolean).join(" · ");
  }

  showButton() {
    const {price, isExact} = this.found ?? {};
    const cost = price ? ` for ${isExact ? "" : "about "}${money(price)}` : "";
    const many = this.isMany && this.lines().length > 1 ? ` ${this.lines().length} prompts` : "";
    this.button.textContent = this.isRunning ? "Sending …" : `Run${many}${cost}`;
  }

  /** `{path, body}`: exactly what a run would send. */
  request() {
    const order = this.order();
    if (!this.isMany) return {path: "/api/predictions", body: order};
    return {path: "/api/batches", body: {predictions: ordersOf(order, this.form.prompt.name)}};
  }

  showCode() {
    const {path, body} = this.request();
    openCode(path, body);
  }

  async run() {
    if (this.isRunning || this.model === UNKNOWN) return;
    const {body} = this.request();
    const trouble = this.isMany ? troubleWith(this.lines()) : "";
    if (trouble) { this.form.complain([{field: this.form.prompt.name, message: trouble}]).first.control.focus(); return; }
    this.busy(true);
    try {
      const made = await run(this.isMany ? body.predictions : [body], {isBatch: this.isMany, count: this.outputs(body)});
      this.form.complain([]);
      this.say("");
      this.tellNote(made.length > 1 ? `${made.length} predictions are on their way` : "On its way");
    } catch (error) {
      this.refused(error);
    } finally {
      this.busy(false);
      this.askPrice();  // what is left of the budget is another now
    }
  }

  outputs(body) {
    const count = this.form.fields.find((each) => each.spec.kind === "count");
    return (count && (body.input ?? body.predictions[0].input)[count.name]) || 1;
  }

  busy(isRunning) {
    this.isRunning = isRunning;
    this.button.setAttribute("aria-disabled", String(isRunning));
    this.showButton();
  }

  refused(error) {
    if (error instanceof Away) return this.say("The service does not answer. Everything is kept here: run it again, it will not be bought twice.");
    if (!error.code) throw error;
    const {left, first} = this.form.complain(error.errors ?? []);
    const more = left.map(({field, message}) => `${field}: ${message}`).join("; ");
    this.say(first && !more ? "" : [error.message, more].filter(Boolean).join(" "));
    first?.control.focus();
  }

  /** What keeps the models away, for as long as it does. */
  warn(words) {
    this.trouble.textContent = words;
    this.trouble.hidden = !words;
    if (words) this.picker.waits();
  }

  say(words) {
    this.problem.textContent = words;
    this.problem.hidden = !words;
  }
}
