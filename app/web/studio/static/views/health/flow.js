/** What is going on: predictions that owe work, the worker, what was turned away. */

import {ago, h} from "../../ui.js";

const STAGES = ["queued", "submitting", "waiting", "running", "storing", "canceling"];

export function flow(place, details) {
  const unfinished = details?.unfinished ?? {};
  const most = Math.max(4, ...Object.values(unfinished));
  const other = Object.keys(unfinished).filter((name) => !STAGES.includes(name));
  place.replaceChildren(
    h("dl", {class: "stages"}, [...STAGES, ...other].map((name) => bar(name, unfinished[name] ?? 0, most))),
    h("dl", {class: "facts"}, rows(details).map(([name, value, tone]) =>
      h("div", {}, h("dt", {}, name), h("dd", {class: tone ?? ""}, value)))));
}

function bar(name, count, most) {
  const made = h("i", {"aria-hidden": "true"});
  made.style.setProperty("--part", String(count / most));
  return h("div", {}, h("dt", {}, name), h("dd", {}, made, h("span", {}, String(count))));
}

function rows(details) {
  if (!details) return [["Worker", "–"], ["Not believed", "–"], ["Stored late", "–"], ["Still to tell", "–"]];
  const silent = details.worker_silent;
  const seen = silent === null ? "never seen" : `seen ${ago(Date.now() - silent * 1000)}`;
  return [
    ["Worker", seen, silent === null || silent > 60 ? "bad" : "good"],
    ["Not believed", `${details.forged_deliveries} deliveries`],
    ["Stored late", `${details.outputs_urgent} outputs`, details.outputs_urgent ? "warn" : undefined],
    ["Still to tell", `${details.client_webhooks_pending} client webhooks`],
  ];
}
