/** The ring that counts down to the provider's expiry: as long as it is not empty, the outputs can still be fetched. */

import {h} from "../ui.js";
import {expiry, lifetime} from "./models.js";

const SVG = "http://www.w3.org/2000/svg";

const EARLIER = ["waiting", "running"];

/** Told as `4:59`. */
export function clock(seconds) {
  const left = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}

export class Ring {
  constructor() {
    this.circle = drawn("circle", {cx: 18, cy: 18, r: 15.5, pathLength: 1, class: "ring-left"});
    const picture = drawn("svg", {viewBox: "0 0 36 36", "aria-hidden": "true"});
    picture.append(drawn("circle", {cx: 18, cy: 18, r: 15.5, class: "ring-whole"}), this.circle);
    this.words = h("span", {class: "ring-words"});
    this.number = h("span", {class: "ring-number"});
    this.element = h("div", {class: "ring", role: "img", "aria-label": "Time left at the provider"}, picture, this.number, this.words);
  }

  /** Full and quiet until the provider has finished; then it runs down. */
  update(prediction, now) {
    const whole = lifetime(prediction), end = prediction.stage === "storing" ? expiry(prediction) : null;
    this.element.hidden = !whole || !(end || EARLIER.includes(prediction.stage));
    if (this.element.hidden) return;
    const left = end ? Math.max(0, (end - now) / 1000) : whole;
    this.element.className = `ring ${end ? "" : "quiet"} ${left < whole / 4 ? "hurry" : ""}`;
    this.circle.style.setProperty("--part", Math.min(1, left / whole).toFixed(4));
    this.#say(clock(left), end ? left > 0 ? "until the provider deletes it" : "the provider may have deleted it" : "to fetch it, once made");
  }

  #say(number, words) {
    if (this.number.textContent === number && this.words.textContent === words) return;
    this.number.textContent = number;
    this.words.textContent = words;
    this.element.setAttribute("aria-label", `${number} ${words}`);
  }
}

function drawn(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
