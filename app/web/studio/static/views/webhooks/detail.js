/** One endpoint: how it is, its secret, what was answered there, and what can be done with it. */

import {copy} from "../../list/copy.js";
import {ago, h, seconds, toast} from "../../ui.js";
import {STATES, wanted} from "./list.js";

const DAY = 86_400_000;

export function detail(place, found, attempts, tools, {missing, secret: row}) {
  if (found) place.replaceChildren(heading(found), facts(found), row, actions(found, tools), answers(attempts ?? [], found, tools));
  else place.replaceChildren(h("div", {class: "empty"}, h("p", {class: "soft"}, missing ? "There is no such endpoint." : "Choose an endpoint to see what was answered there.")));
}

function heading(found) {
  const [word, tone, sign] = STATES[found.state];
  return h("header", {class: "heading"},
    h("a", {class: "back", href: "#/webhooks"}, "← All endpoints"),
    h("h2", {}, h("span", {class: tone, "aria-hidden": "true"}, `${sign} `), word[0].toUpperCase() + word.slice(1)),
    h("p", {class: "soft"}, meaning(found)));
}

function meaning({state, disabled_reason: why, failing_since: since}) {
  if (why === "owner") return "You disabled it. Nothing is sent there.";
  if (why === "gone") return "It answered 410, so nothing is sent there any more.";
  if (why === "failing") return "It took nothing for days, so nothing is sent there any more.";
  if (state === "failing") return `It has taken nothing since ${ago(since)}. What fails is tried again for a day.`;
  return "It is told of what happens, and takes it.";
}

function facts(found) {
  const rows = [
    ["Address", h("code", {}, found.url)],
    ["About", found.description],
    ["Told of", wanted(found)],
    ["Since", h("time", {datetime: found.created_at}, new Date(found.created_at).toLocaleString())],
  ];
  return h("dl", {class: "facts"}, rows.filter(([, value]) => value).map(([name, value]) =>
    h("div", {}, h("dt", {}, name), h("dd", {dir: "auto"}, value))));
}

/** Asked for only when somebody wants to see it; a row that outlives what is drawn around it. */
export function secret(tools) {
  const shown = h("code", {hidden: true, class: "secret"});
  const show = h("button", {type: "button", onclick: reveal}, "Show the secret");
  async function reveal() {
    try {
      const {secret: text} = await tools.secret();
      shown.textContent = text;
      shown.hidden = false;
      show.replaceWith(h("button", {type: "button", onclick: () => copy(text, "Copied.")}, "Copy the secret"));
    } catch (problem) {
      toast(problem.message, "bad");
    }
  }
  return h("div", {class: "row"}, show, h("button", {type: "button", onclick: tools.rotate}, "New secret"), shown);
}

function actions(found, tools) {
  const off = found.state === "disabled";
  const since = h("select", {"aria-label": "Since when"}, [["1", "a day"], ["3", "3 days"], ["7", "a week"]].map(([days, words]) => h("option", {value: days}, words)));
  const missed = () => tools.missed(new Date(Date.now() - since.value * DAY).toISOString());
  return h("div", {class: "row actions"},
    h("button", {type: "button", disabled: off, onclick: tools.test}, "Send a test"),
    h("span", {class: "missed"}, h("button", {type: "button", disabled: off, onclick: missed}, "Send what it missed in"), since),
    h("button", {type: "button", onclick: tools.edit}, "Edit"),
    h("button", {type: "button", class: off ? "primary" : "", onclick: () => tools.enable(off)}, off ? "Enable" : "Disable"),
    h("button", {type: "button", onclick: tools.remove}, "Delete"));
}

function answers(attempts, found, tools) {
  if (!attempts.length) return h("p", {class: "soft"}, "Nothing was sent there yet. A test tells at once whether it works.");
  return h("div", {class: "answers"}, h("h3", {}, "What was answered"),
    h("ol", {class: "attempts"}, attempts.map((each) => attempt(each, found, tools))));
}

function attempt(each, found, tools) {
  const tone = each.ok ? "good" : "bad";
  return h("li", {},
    h("span", {class: `sign ${tone}`, "aria-hidden": "true"}, each.ok ? "✓" : "✗"),
    h("span", {class: "what"},
      h("span", {}, h("b", {class: tone}, each.outcome), h("span", {class: "soft"}, ` in ${each.seconds < 1 ? `${Math.round(each.seconds * 1000)} ms` : seconds(each.seconds)}`)),
      h("span", {class: "soft"}, each.type, " · ", h("time", {datetime: each.at, title: new Date(each.at).toLocaleString()}, ago(each.at)))),
    h("span", {class: "row"},
      each.prediction_id && h("button", {type: "button", class: "small", onclick: () => open(each.prediction_id)}, "Receipt"),
      h("button", {type: "button", class: "small", disabled: found.state === "disabled", "aria-label": `Send again: ${each.type}`, onclick: () => tools.resend(each.event_id)}, "Send again")));
}

function open(id) {
  document.dispatchEvent(new CustomEvent("dr-open", {detail: {id}}));
}
