/** `<dr-toasts>`: passing words. They leave by themselves, unless one is reading them; errors stay until they are sent away. */

import {h} from "./ui.js";

const STAY = 5_000, MOST = 4;

customElements.define("dr-toasts", class extends HTMLElement {
  connectedCallback() {
    this.seen ??= new MutationObserver((changes) => changes.flatMap((each) => [...each.addedNodes]).forEach((node) => this.#dress(node)));
    this.seen.observe(this, {childList: true});
    [...this.children].forEach((each) => this.#dress(each));
  }

  disconnectedCallback() { this.seen.disconnect(); }

  #dress(toast) {
    if (!(toast instanceof HTMLElement) || toast.dataset.dressed) return;
    toast.dataset.dressed = "yes";
    const stays = /\b(bad|error)\b/.test(toast.className);
    if (stays) toast.setAttribute("role", "alert");
    toast.dir = "auto";
    toast.append(h("button", {type: "button", class: "quiet", "aria-label": "Send this away", onclick: () => toast.remove()}, "✕"));
    if (!stays) this.#leave(toast);
    [...this.children].filter((each) => each.getAttribute("role") !== "alert").slice(0, -MOST).forEach((each) => each.remove());
  }

  #leave(toast) {
    setTimeout(() => { if (toast.matches(":hover, :focus-within")) this.#leave(toast); else toast.remove(); }, STAY);
  }
});
