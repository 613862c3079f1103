/** To be: the view "events". */

import {h} from "../ui.js";

customElements.define("dr-events", class extends HTMLElement {
  connectedCallback() {
    this.replaceChildren(h("h1", {}, "Events"));
  }
});
