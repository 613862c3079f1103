/** One menu for all cards, in the page's top layer; opened beside the button that asks for it. */

import {h} from "../ui.js";
import {possible} from "./actions.js";

export class Menu {
  #from = null;

  /** `act(action, prediction)`. */
  constructor(act) {
    this.act = act;
    this.element = h("div", {class: "shot-menu", role: "menu", popover: "auto", "aria-label": "What to do with it", onkeydown: (event) => this.#key(event)});
    this.element.addEventListener("toggle", (event) => { if (event.newState === "closed") this.#closed(); });
  }

  open(prediction, button) {
    this.#from = button;
    this.element.replaceChildren(...possible(prediction).map((action) => h("button", {
      type: "button", role: "menuitem", tabindex: "-1", "data-act": action.name,
      onclick: () => { this.element.hidePopover(); this.act(action, prediction); },
    }, h("span", {}, action.label), h("kbd", {"aria-hidden": "true"}, action.key === "Enter" ? "↵" : action.key === "Delete" ? "Del" : action.key))));
    this.element.showPopover();
    this.#place(button.getBoundingClientRect());
    this.element.firstElementChild?.focus();
  }

  /** Below the button where there is room, else above; never beyond the window. */
  #place(button) {
    const {width, height} = this.element.getBoundingClientRect();
    const x = Math.min(Math.max(8, button.right - width), innerWidth - width - 8);
    const y = button.bottom + height + 8 < innerHeight ? button.bottom + 4 : Math.max(8, button.top - height - 4);
    this.element.style.setProperty("--x", `${x}px`);
    this.element.style.setProperty("--y", `${y}px`);
  }

  #key(event) {
    const items = [...this.element.children], at = items.indexOf(document.activeElement);
    const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1}[event.key];
    if (event.key === "Tab") this.element.hidePopover();
    if (to === undefined) return;
    event.preventDefault();
    items.at(to % items.length)?.focus();
  }

  #closed() {
    if (this.element.contains(document.activeElement) || document.activeElement === document.body) this.#from?.focus();
  }
}
