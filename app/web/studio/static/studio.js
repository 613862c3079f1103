/** The page: which view is shown, and nothing else. Views are custom elements, loaded when they are first wanted. */

import "./drawer/drawer.js";
import "./toasts.js";
import {h} from "./ui.js";

const VIEWS = {
  "": ["create", "dr-create", () => import("./views/create.js")],
  events: ["events", "dr-events", () => import("./views/events.js")],
  webhooks: ["webhooks", "dr-webhooks", () => import("./views/webhooks.js")],
  money: ["money", "dr-money", () => import("./views/money.js")],
  health: ["health", "dr-health", () => import("./views/health.js")],
};

/** `#/events/some-id` is the view `events`; what follows is the view's own. */
async function show() {
  const [, wanted = ""] = location.hash.replace(/^#/, "").split("/");
  const [name, tag, load] = VIEWS[wanted] ?? VIEWS[""];
  for (const link of document.querySelectorAll("nav [data-view]")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const place = document.getElementById("view");
  if (place.firstElementChild?.localName === tag) return;
  await load();
  place.replaceChildren(h(tag));
}

addEventListener("hashchange", show);
await show();
