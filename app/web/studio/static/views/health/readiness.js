/** `/health/ready` in one line, and what it says of each part. */

import {h} from "../../ui.js";

const WORDS = {ok: ["Able to work", "well"], unready: ["Not able to work", "ill"], away: ["Away", "ill"]};

export function readiness(place, ready) {
  const shown = JSON.stringify(ready);
  if (place.dataset.shown === shown) return;
  place.dataset.shown = shown;
  if (!ready) return place.replaceChildren(h("div", {class: "verdict card"}, h("b", {class: "soft"}, "Looking …")));
  const [word, tone] = WORDS[ready.status] ?? WORDS.unready;
  place.replaceChildren(h("div", {class: `verdict card ${tone}`, role: "status"},
    h("b", {}, h("span", {"aria-hidden": "true"}, tone === "well" ? "✓ " : "✗ "), word),
    h("ul", {class: "checks"}, Object.entries(ready.checks ?? {}).map(([name, said]) =>
      h("li", {}, h("span", {class: said === "ok" ? "good" : "bad"}, name), said === "ok" ? "" : ` ${said}`)))));
}
