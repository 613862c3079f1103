/** What the doctor found, each with its cure. */

import {h} from "../../ui.js";
import {worded} from "../words.js";

const SIGNS = {ok: ["✓", "good", "well"], bad: ["✗", "bad", "wrong"], skipped: ["–", "soft", "skipped"]};

export function findings(place, found) {
  if (!found) return place.replaceChildren(h("li", {class: "soft"}, worded("Not asked yet. “Look at everything now” checks the database, the clock, storage, the worker and the books; `darkroom doctor` looks at the providers and the webhook door too.")));
  place.replaceChildren(...found.map(({name, state, said, cure}) => {
    const [sign, tone, word] = SIGNS[state];
    return h("li", {class: "finding"},
      h("span", {class: tone, role: "img", "aria-label": word}, sign),
      h("div", {}, h("b", {}, name), " ", h("span", {class: "soft"}, said), cure && h("p", {class: "cure"}, worded(`→ ${cure}.`))));
  }));
}
