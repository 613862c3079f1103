/** To be: the view "money". */

import {h} from "../ui.js";

customElements.define("dr-money", class extends HTMLElement {
  connectedCallback() {
    this.replaceChildren(h("h1", {}, "Money"));
  }
});
