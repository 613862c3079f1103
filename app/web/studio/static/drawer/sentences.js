/** Every line of a receipt in plain words: sign, tone, sentence and, softly, its facts. */

import {bytes, money} from "../ui.js";
import {lasted as seconds} from "./spans.js";

const STAGES = {submitting: "Being sent to the provider", waiting: "Waits for its turn at the provider", running: "The provider works on it", storing: "The provider has finished; outputs are being stored", canceling: "Being canceled"};
const ENDS = {succeeded: ["✓", "good", "Done: every output is stored"], failed: ["✕", "bad", "Failed"], canceled: ["⊘", "", "Canceled"]};

const KINDS = {
  created: ({provider, model}) => ["○", "", `Created, for ${model} at ${provider}`],
  hold: ({usd}) => ["$", "", `${money(usd)} held of the budget`],
  capture: ({usd, note}) => ["$", "good", `${money(usd)} paid`, note],
  release: ({usd}) => ["$", "", `${money(usd)} given back; nothing was charged`],
  asked: ({attempt}) => ["→", "", attempt > 1 ? `Sent to the provider, attempt ${attempt}` : "Sent to the provider"],
  answered: ({outcome, seconds: took}) => ["←", "", `It answered: ${outcome}`, took !== undefined && `after ${seconds(took)}`],
  looked: ({outcome, seconds: took}) => ["⌕", "", `Asked how it stands: ${outcome}`, took !== undefined && `${seconds(took)}`],
  changed: ({stage, status, error}) => ENDS[status] && stage === "done" ? [...ENDS[status], error] : ["•", "", STAGES[stage] ?? stage],
  cancel: ({outcome}) => ["⊘", "warn", `Cancel ${outcome ?? ""}`],
  fell_back: ({from, to, why}) => ["↷", "warn", `Fell back from ${from?.model} to ${to?.model} at ${to?.provider}`, why],
  transfer: transferred,
  delivery: delivered,
  notified: ({event, attempt, outcome}) => ["↗", outcome === "200" ? "good" : "", `Your webhook was told of “${event}”: ${outcome}`, attempt > 1 && `attempt ${attempt}`],
  "client webhook": ({event, attempts}) => ["↗", "warn", `Your webhook is still to be told of “${event}”`, `${attempts} attempts so far`],
  reopened: () => ["↺", "warn", "A late word from the provider: opened once more"],
  quarantined: ({files}) => ["⊘", "warn", `Hidden by whoever runs this service`, `${files} files`],
  released: ({files}) => ["✓", "", "Shown again", `${files} files`],
  published: () => ["★", "", "Published in the gallery"],
  unpublished: () => ["☆", "", "Taken out of the gallery"],
};

export function sentence(entry, before) {
  const found = KINDS[entry.kind];
  return found ? found(entry.detail ?? {}, before) : ["•", "", entry.kind, JSON.stringify(entry.detail)];
}

function transferred({position = 0, outcome, bytes: size, seconds: took, time_left: left}) {
  const facts = [size && bytes(size), took !== undefined && `in ${seconds(took)}`, left !== undefined && `with ${seconds(left)} left until it expired`].filter(Boolean).join(", ");
  return outcome === "stored" ? ["↓", "good", `Output ${position + 1} fetched and stored`, facts] : ["↓", "bad", `Output ${position + 1} not had: ${outcome}`, facts];
}

/** `before` is what came before it: a delivery is early when no answer did, out of order when a later word did. */
function delivered({state, set_aside: trouble, early_by: early, copies}, before) {
  const said = before.filter((each) => each.kind === "delivery").map((each) => each.detail.state);
  const marks = ["signature verified",
    early !== undefined && `early: kept ${seconds(early)} until it was known`,
    early === undefined && !before.some((each) => each.kind === "answered" || each.kind === "looked") && "before the create was answered",
    said.includes(state) && "told before",
    ["queued", "running"].includes(state) && said.some((each) => ["succeeded", "failed", "canceled"].includes(each)) && "out of order: nothing went back",
    copies && `came ${copies === 1 ? "once" : `${copies} times`} more, and changed nothing`,
    trouble && `set aside: ${trouble}`];
  return ["⇠", state === "failed" ? "bad" : "", `The provider told: ${state}`, marks.filter(Boolean).join(", ")];
}
