/** The view "create": the form, and below it what was made. */

import {Away, get} from "../api.js";
import {h} from "../ui.js";
import {Composer} from "../create/composer.js";
import {nameOf} from "../create/model-picker.js";

const LONGEST_PAUSE = 10;
let asked = null;  // a prediction to make again, from wherever that was said

customElements.define("dr-create", class extends HTMLElement {
  connectedCallback() {
    this.leaving = new AbortController();
    this.models = [];
    this.composer = new Composer();
    this.replaceChildren(this.composer.element);
    const {signal} = this.leaving;
    document.addEventListener("keydown", (event) => this.key(event), {signal});
    document.addEventListener("paste", (event) => this.take(event, event.clipboardData), {signal});
    document.addEventListener("dragover", (event) => event.preventDefault(), {signal});
    document.addEventListener("drop", (event) => this.drop(event), {signal});
    document.addEventListener("dr-signed-in", () => this.models.length || this.load(), {signal});
    this.addEventListener("dr-fill", () => this.fill());
    this.load();
  }

  disconnectedCallback() {
    this.leaving.abort();
    this.composer.price.stop();
  }

  /** Until it answers, ever more seldom. Whoever is signed out is not asked for. */
  async load(tries = 0) {
    const {signal} = this.leaving;
    clearTimeout(this.timer);
    try {
      const {data, default: usual, unavailable} = await get("/api/models", {signal});
      this.models = data;
      this.composer.offer(data, nameOf(usual));
      this.composer.warn(unavailable.length ? `${unavailable.join(" and ")} does not tell its models just now.` : "");
      this.fill();
    } catch (error) {
      if (signal.aborted) return;
      this.composer.warn(wordsFor(error));
      if (error.status !== 401) this.timer = setTimeout(() => this.load(tries + 1), 1000 * Math.min(LONGEST_PAUSE, 2 ** tries));
      signal.addEventListener("abort", () => clearTimeout(this.timer), {once: true});
    }
    if (!signal.aborted) await this.showList();
  }

  async showList() {
    if (this.querySelector("dr-list")) return;
    await import("./list.js").catch(() => {});
    if (this.isConnected && !this.querySelector("dr-list")) this.append(h("dr-list"));
  }

  fill() {
    if (!asked || !this.models.length) return;
    this.composer.fill(asked, this.models);
    asked = null;
  }

  key(event) {
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); this.composer.run(); }
    else if (event.key === "/" && !event.target.closest?.("input, textarea, select, [contenteditable]")) { event.preventDefault(); this.composer.form.prompt?.control.focus(); }
  }

  /** A file that misses its tile would otherwise replace the page, with all that was typed. */
  drop(event) {
    if (event.defaultPrevented) return;
    event.preventDefault();
    this.take(event, event.dataTransfer);
  }

  /** Into the first picture that is still missing, else over the first. */
  take(event, data) {
    const file = [...data?.files ?? []].find((each) => each.type.startsWith("image/"));
    const {pictures} = this.composer.form;
    const field = pictures.find((each) => each.isEmpty()) ?? pictures[0];
    if (!file || !field || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    field.take(file);
  }
});

for (const name of ["dr-again", "dr-vary"]) {
  document.addEventListener(name, ({detail: {prediction}}) => {
    asked = name === "dr-vary" ? {...prediction, input: {...prediction.input, seed: undefined}} : prediction;
    document.querySelector("dr-drawer")?.close?.();
    const view = document.querySelector("dr-create");
    if (view) view.dispatchEvent(new CustomEvent("dr-fill"));
    else location.hash = "#/";
  });
}

function wordsFor(error) {
  if (error instanceof Away) return "The service does not answer. What you type is kept; trying again …";
  return error.status === 401 ? "Sign in to see the models and to run them." : `${error.message} Trying again …`;
}
