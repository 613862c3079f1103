/** To be: the view "create". */

import {h} from "../ui.js";

customElements.define("dr-create", class extends HTMLElement {
  connectedCallback() {
    this.replaceChildren(h("h1", {}, "Create"));
  }
});
