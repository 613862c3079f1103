/** One delivery: its verdict, what it says, and what can be done with it. */

import {post} from "../../api.js";
import {bytes, h, seconds, toast} from "../../ui.js";
import {worded} from "../words.js";
import {attacher} from "./attach.js";
import {body} from "./json.js";
import {VERDICTS} from "./list.js";

export function detail(place, found, tools) {
  place.replaceChildren(...(found ? [heading(found), ...reasons(found), facts(found), ...actions(found, tools),
    ...headers(found), body(found.body)] : [nothing()]));
}

function nothing() {
  return h("div", {class: "empty"}, h("p", {class: "soft"}, "Choose a delivery to see its body and what came of it."));
}

function heading(found) {
  const [word, tone, sign] = VERDICTS[found.verdict];
  return h("header", {class: "heading"},
    h("a", {class: "back", href: "#/events"}, "← All deliveries"),
    h("h2", {}, h("span", {class: tone, "aria-hidden": "true"}, `${sign} `), `${capital(word)}`),
    h("p", {class: "soft"}, MEANINGS[found.verdict]));
}

const MEANINGS = {
  applied: "Authentic, kept, and applied to its prediction in one commit.",
  waiting: "Authentic and kept. No prediction of ours is known for it: it may be early, or an orphan.",
  set_aside: "Authentic and kept, but we could not make sense of it.",
  rejected: "Answered 401. Nothing was stored; it is shown from memory, in development alone.",
};

/** Why it was not believed, each with its cure. */
function reasons(found) {
  if (found.verdict === "set_aside") return [h("p", {class: "reason"}, h("b", {}, "Reason "), found.trouble)];
  const shown = found.findings ?? [];
  if (found.verdict !== "rejected") return [];
  if (!shown.length) return [h("p", {class: "reason"}, "It is too large to be diagnosed here.")];
  return [h("ul", {class: "findings", "aria-label": "Why it was not believed"}, shown.map(({name, state, said, cure}) =>
    h("li", {class: state},
      h("span", {class: state === "bad" ? "bad" : "good", "aria-label": state === "bad" ? "wrong" : "right"}, state === "bad" ? "✗" : "✓"),
      h("div", {}, h("b", {}, name), " ", h("span", {dir: "auto"}, said), cure && h("p", {class: "cure"}, worded(`→ ${cure}.`))))))];
}

function facts(found) {
  const took = found.applied_at && (new Date(found.applied_at) - new Date(found.received_at)) / 1000;
  const rows = [
    ["Provider", found.provider],
    ["Its id", found.provider_id && h("code", {}, found.provider_id)],
    ["Says", found.says],
    ["Prediction", found.prediction_id && predictionLink(found.prediction_id)],
    ["Received", h("time", {datetime: found.received_at}, new Date(found.received_at).toLocaleString())],
    ["Applied", found.applied_at && (took < 0.001 ? "at once, in the same commit" : `after ${seconds(took)}`)],
    ["Came again", found.copies && `${found.copies === 1 ? "once" : `${found.copies} times`}, and changed nothing`],
    ["Size", bytes(found.bytes)],
  ];
  return h("dl", {class: "facts"}, rows.filter(([, value]) => value).map(([name, value]) =>
    h("div", {}, h("dt", {}, name), h("dd", {dir: "auto"}, value))));
}

function predictionLink(id) {
  const open = () => document.dispatchEvent(new CustomEvent("dr-open", {detail: {id}}));
  return h("button", {type: "button", class: "link mono", onclick: open, title: "Show its receipt"}, id);
}

function actions(found, {refresh, resend}) {
  const again = {provider: found.provider, body: found.body};
  if (found.verdict === "rejected") {
    const cut = new TextEncoder().encode(found.body).length < found.bytes;
    return [h("div", {class: "row"}, h("button", {type: "button", disabled: cut, onclick: () => resend(again)}, "Sign it and send it anew"))];
  }
  const replaying = h("button", {type: "button", onclick: () => replay(found, replaying, refresh)}, "Replay");
  const edit = h("button", {type: "button", onclick: () => resend(again)}, "Edit and replay");
  const parts = [h("div", {class: "row"}, replaying, edit)];
  return found.verdict === "applied" ? parts : [...parts, attacher(found, refresh)];
}

async function replay(found, button, refresh) {
  button.disabled = true;
  try {
    const {applied} = await post(`/api/deliveries/${found.id}/replay`);
    toast(applied ? "Applied once more." : "No prediction is known for it. Attach it to one.", applied ? "good" : "warn");
    await refresh();
  } catch (problem) {
    toast(problem.message, "bad");
  }
  button.disabled = false;
}

function headers(found) {
  if (!found.headers) return [];
  return [h("details", {class: "headers"}, h("summary", {}, "Headers"),
    h("dl", {class: "facts"}, Object.entries(found.headers).map(([name, value]) =>
      h("div", {}, h("dt", {class: "mono"}, name), h("dd", {class: "mono", dir: "auto"}, value)))))];
}

function capital(word) {
  return word[0].toUpperCase() + word.slice(1);
}
