/** `<dr-drawer>`: one prediction's receipt, from the side. Opened by `dr-open` or the address `#/p/<id>`; live until it ends. */

import {get, Problem} from "../api.js";
import {h} from "../ui.js";
import {copy} from "../list/copy.js";
import {isFinal, short, title} from "../list/words.js";
import {receiptView} from "./receipt.js";

const EVERY = 1_500, SETTLES = 2_500, ADDRESS = /^#\/p\/([0-9a-f-]{36})$/i;

customElements.define("dr-drawer", class extends HTMLElement {
  connectedCallback() {
    document.addEventListener("dr-open", ({detail}) => this.#ask(detail.id));
    document.addEventListener("dr-prediction", ({detail}) => { if (detail.prediction.id === this.wanted) this.#read(); });
    document.addEventListener("dr-gone", ({detail}) => { if (detail.id === this.wanted) this.#read(); });
    addEventListener("hashchange", () => this.#follow());
    this.#build();
    this.#follow();
  }

  close() { this.dialog.close(); }

  #build() {
    this.name = h("h2", {id: "drawer-title", dir: "auto"});
    this.body = h("div", {class: "drawer-body"});
    this.away = h("p", {class: "warn", role: "status"});
    this.dialog = h("dialog", {class: "drawer", "aria-labelledby": "drawer-title", onclose: () => this.#closed(),
      onclick: (event) => { if (event.target === this.dialog) this.dialog.close(); }},
      h("div", {class: "drawer-inside"},
        h("header", {}, this.name, h("button", {type: "button", class: "quiet", "aria-label": "Close", onclick: () => this.dialog.close()}, "✕")),
        this.away, this.body));
    this.replaceChildren(this.dialog);
  }

  /** In the list's own view the address tells what is open, so that Back closes it and a reload brings it back. */
  #ask(id) {
    if (["", "#", "#/"].includes(location.hash) || ADDRESS.test(location.hash)) location.hash = `#/p/${id}`;
    else this.#open(id);
  }

  #follow() {
    const id = location.hash.match(ADDRESS)?.[1];
    if (id) this.#open(id.toLowerCase());
    else if (this.dialog.open) this.dialog.close();
  }

  #open(id) {
    if (this.wanted === id && this.dialog.open) return;
    this.wanted = id;
    this.name.textContent = "Receipt";
    this.body.replaceChildren(h("div", {class: "shimmer receipt-lines", role: "status", "aria-label": "Loading"}));
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.append(...this.#toasts());
    this.#read();
  }

  #closed() {
    clearTimeout(this.timer);
    this.wanted = this.receipt = null;
    document.body.append(...this.#toasts());
    if (ADDRESS.test(location.hash)) history.replaceState(null, "", "#/");
  }

  /** Everything outside of an open dialog is out of reach, so passing words move into it. */
  #toasts() { return document.querySelectorAll("dr-toasts"); }

  async #read() {
    const id = this.wanted;
    clearTimeout(this.timer);
    try {
      const receipt = await get(`/api/predictions/${id}/receipt`);
      if (id !== this.wanted) return;
      this.away.textContent = "";
      this.#show(receipt);
      this.#plan(receipt.prediction);
    } catch (error) {
      if (id === this.wanted) this.#miss(error);
    }
  }

  #show(receipt) {
    const told = JSON.stringify(receipt);
    if (told === this.told && isFinal(receipt.prediction) && this.receipt) return;
    [this.told, this.receipt] = [told, receipt];
    this.name.textContent = short(title(receipt.prediction), 160);
    const open = new Set([...this.body.querySelectorAll("details[open]")].map((each) => each.dataset.name));
    const focused = this.body.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    this.body.replaceChildren(receiptView(receipt, {copyLink: () => copy(`${location.origin}/#/p/${receipt.prediction.id}`, "The link is copied.")}));
    for (const each of this.body.querySelectorAll("details")) each.open = open.has(each.dataset.name);
    if (focused) this.body.querySelector(`[data-act="${focused}"]`)?.focus();
  }

  /** Its last lines are written just after its end. */
  #plan(prediction) {
    const isFresh = Date.now() - Date.parse(prediction.updated_at) < SETTLES * 2;
    if (!isFinal(prediction) || isFresh) this.timer = setTimeout(() => this.#read(), isFinal(prediction) ? SETTLES : EVERY);
  }

  #miss(error) {
    const isGone = error instanceof Problem && error.status < 500 && error.status !== 429;
    if (isGone) this.body.replaceChildren(h("p", {}, error.status === 404 ? "There is no such prediction among yours. It may have been deleted." : error.message));
    else { this.away.textContent = "The service does not answer; trying again."; this.timer = setTimeout(() => this.#read(), EVERY); }
  }
});
