/** To be: the view "create". */

import {h} from "../ui.js";
import "./list.js";

customElements.define("dr-create", class extends HTMLElement {
  connectedCallback() {
    this.replaceChildren(h("h1", {}, "Create"), h("dr-list"));
  }
});
