/** To be: the view "health". */

import {h} from "../ui.js";

customElements.define("dr-health", class extends HTMLElement {
  connectedCallback() {
    this.replaceChildren(h("h1", {}, "Health"));
  }
});
