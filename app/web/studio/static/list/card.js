/** One prediction as a card: the frame, its words, its state running, its money, and what can be done with it. */

import {ago, h, money, seconds} from "../ui.js";
import {buttonsOf} from "./actions.js";
import {Frame} from "./frame.js";
import {usualSeconds} from "./models.js";
import {clock} from "./ring.js";
import {isFinal, short, state, title} from "./words.js";

let numbers = 0;

export class Card {
  #buttons = "";

  /** `list` does what is asked for: `list.act(action, prediction, button)`, `list.open(prediction)`, `list.show(prediction, at)`. */
  constructor(list) {
    this.list = list;
    this.frame = new Frame();
    const id = `shot-${numbers++}`;
    this.words = h("p", {class: "shot-prompt", dir: "auto", id});
    this.facts = h("span", {class: "shot-facts"});
    this.age = h("time", {class: "soft"});
    this.sign = h("span", {"aria-hidden": "true"});
    this.word = h("span");
    this.time = h("span", {class: "shot-time soft"});
    this.cost = h("span", {class: "shot-cost"});
    this.acts = h("div", {class: "shot-acts"});
    this.pick = h("input", {type: "checkbox", onclick: (event) => { event.stopPropagation(); this.list.pick(this.now.id, event.shiftKey); }});
    this.element = h("article", {class: "shot", tabindex: "-1", "aria-labelledby": id}, this.frame.element, h("label", {class: "shot-pick"}, this.pick), h("div", {class: "shot-tail"},
      this.words, h("p", {class: "shot-line shot-about"}, this.facts, this.age),
      h("p", {class: "shot-line"}, h("span", {class: "shot-state"}, this.sign, " ", this.word), this.time, this.cost), this.acts));
  }

  get prediction() { return this.now; }

  update(prediction, number, count) {
    if (this.number !== `${number} of ${count}`) this.#count(number, count);
    if (prediction !== this.now) {
      this.now = prediction;
      this.frame.update(prediction, (at) => this.list.show(this.now, at));
      this.#write(prediction);
    }
    this.picked(this.list.selection.has(prediction.id));
    this.tick(Date.now());
  }

  #count(number, count) {
    this.number = `${number} of ${count}`;
    this.element.setAttribute("aria-posinset", number);
    this.element.setAttribute("aria-setsize", count);
  }

  picked(isPicked) {
    if (this.pick.checked === isPicked && this.element.classList.contains("picked") === isPicked) return;
    this.pick.checked = isPicked;
    this.element.classList.toggle("picked", isPicked);
  }

  #write(prediction) {
    const [sign, word, tone] = state(prediction), words = short(title(prediction), 300);
    this.element.dataset.id = prediction.id;
    this.element.dataset.status = prediction.status;
    this.element.dataset.stage = prediction.stage;
    this.age.dateTime = this.age.title = prediction.created_at;
    this.words.textContent = words;
    this.pick.disabled = Boolean(prediction.pending);
    this.pick.setAttribute("aria-label", `Select: ${short(words, 80)}`);
    this.facts.replaceChildren(`${prediction.model} · ${prediction.provider ?? "…"}`, ...[adjusted(prediction)].filter(Boolean));
    this.sign.textContent = sign;
    this.word.textContent = word;
    this.sign.parentElement.className = `shot-state ${tone}`;
    this.cost.replaceChildren(...price(prediction));
    this.#offer(prediction);
  }

  /** The buttons stay the same elements as long as they are the same, or a press would miss them. */
  #offer(prediction) {
    const buttons = buttonsOf(prediction), names = buttons.map((each) => each.name).join();
    if (names === this.#buttons) return;
    this.#buttons = names;
    const had = this.acts.contains(document.activeElement);
    this.acts.replaceChildren(...buttons.map((action) => h("button", {
      type: "button", class: action.name === "menu" ? "quiet dots" : "quiet", "data-act": action.name,
      "aria-label": action.name === "menu" ? `More for: ${short(title(prediction), 60)}` : null, "aria-haspopup": action.name === "menu" ? "menu" : null,
      onclick: (event) => this.list.act(action, this.now, event.currentTarget),
    }, action.name === "menu" ? "⋯" : action.label)));
    if (had) this.element.focus({preventScroll: true});
  }

  /** What changes by itself: the time that runs, and the time that is left. */
  tick(now) {
    const prediction = this.now, isOver = isFinal(prediction);
    const spent = isOver ? prediction.metrics?.total_time : Math.max(0, (now - Date.parse(prediction.created_at)) / 1000);
    const text = isOver ? (spent === null || spent === undefined ? "" : seconds(spent)) : running(prediction, spent);
    for (const [element, words] of [[this.time, text], [this.age, ago(prediction.created_at, now)]]) if (element.textContent !== words) element.textContent = words;
    this.frame.ring.update(prediction, now);
  }

  place(x, y, width, height) {
    const placed = [x, y, width, height].join();
    if (placed === this.placed) return;
    this.placed = placed;
    for (const [name, value] of Object.entries({x, y, width, height})) this.element.style.setProperty(`--${name}`, `${value}px`);
  }
}

/** "3.2 s of about 5 s". */
function running(prediction, spent) {
  const usual = usualSeconds(prediction);
  return `${spent < 60 ? `${spent.toFixed(1)} s` : clock(spent)}${usual >= 1 ? ` of about ${seconds(usual)}` : ""}`;
}

function price({cost, status}) {
  if (cost?.captured) return [h("span", {class: "visually-hidden"}, "Paid "), money(cost.captured)];
  if (cost?.held) return [h("span", {class: "soft"}, `${money(cost.held)} held`)];
  return [h("span", {class: "soft"}, status === "failed" || status === "canceled" ? "Not charged" : "")];
}

function adjusted({adjusted = []}) {
  if (!adjusted.length) return null;
  const told = adjusted.map((each) => `${each.field} ${each.message}`).join("; ");
  return h("span", {class: "warn", title: short(told, 400)}, ` · adjusted: ${short(told, 60)}`);
}
