/** A delivery of one's own: any event of any dialect, or a body, signed with our secret and sent through the door. */

import {post} from "../../api.js";
import {h} from "../../ui.js";
import {suggest} from "./attach.js";
import {indented} from "./json.js";

const EVENTS = {started: "It started", succeeded: "It succeeded", failed: "It failed", canceled: "It was canceled"};
const PROVIDERS = {skytells: "Skytells", replicate: "Replicate", fal: "fal"};

/** A dialog with one method more: `begin()`, or `begin({provider, body})` to begin with a body.
 * `onsent` is told what `mark` said when the sending began. */
export function sender(mark, onsent) {
  const fields = {
    provider: select("provider", PROVIDERS), event: select("event", EVENTS),
    dialect: select("dialect", {flat: "The bare prediction", envelope: "In an envelope"}),
    prediction: h("input", {name: "prediction", autocomplete: "off", spellcheck: "false", placeholder: "of nobody", list: "predictions-to-tell-of"}),
    body: h("textarea", {name: "body", rows: 12, spellcheck: "false", class: "mono", dir: "ltr"}),
  };
  const choices = h("datalist", {id: "predictions-to-tell-of"});
  fields.prediction.addEventListener("focus", () => suggest(choices, fields.provider.value));
  const said = h("div", {class: "said", role: "status"});
  const go = h("button", {class: "primary"}, "Sign and send");
  const composing = h("fieldset", {class: "composing"},
    h("legend", {class: "visually-hidden"}, "What it tells"),
    label("Provider", fields.provider), label("Event", fields.event), label("Dialect", fields.dialect),
    label("Prediction", fields.prediction, "An id of ours; left empty it tells of one that nobody has."), choices);
  const form = h("form", {method: "dialog"},
    h("header", {class: "row"}, h("h2", {id: "sender-title"}, "Send a test event"), h("span", {class: "spacer"}),
      h("button", {type: "button", class: "plain", "aria-label": "Close", onclick: () => dialog.close()}, "✕")),
    composing,
    label("Body", fields.body, "Change what you like. It is signed as it stands."),
    said,
    h("div", {class: "row ending"}, h("span", {class: "soft"}, "Believed as any other: it can fail or finish a prediction."),
      h("span", {class: "spacer"}), go));
  const dialog = h("dialog", {class: "sender", "aria-labelledby": "sender-title"}, form);
  const state = {isGiven: false, at: 0};

  const compose = () => fill(fields, said, go, state);
  composing.addEventListener("change", compose);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const before = mark();
    send(fields, said, go, () => onsent(before));
  });
  dialog.begin = (given) => {
    state.isGiven = given !== undefined;
    composing.hidden = state.isGiven;
    form.querySelector("h2").textContent = state.isGiven ? "Edit and replay" : "Send a test event";
    said.replaceChildren();
    go.disabled = false;
    if (given) Object.assign(fields.body, {value: indented(given.body) ?? given.body});
    if (given) fields.provider.value = given.provider;
    dialog.showModal();
    if (!given) compose();
  };
  return dialog;
}

function select(name, options) {
  return h("select", {name}, Object.entries(options).map(([value, text]) => h("option", {value}, text)));
}

function label(text, field, hint) {
  const id = `sender-${field.name}`;
  field.id = id;
  if (hint) field.setAttribute("aria-describedby", `${id}-hint`);
  return h("div", {class: "field"}, h("label", {for: id}, text), field, hint && h("p", {class: "soft hint", id: `${id}-hint`}, hint));
}

/** The body as the provider would word it, made by the service: a dry run. */
async function fill(fields, said, go, state) {
  const turn = ++state.at;
  fields.dialect.disabled = fields.provider.value !== "skytells";
  const wanted = {
    provider: fields.provider.value, event: fields.event.value, dry_run: true,
    ...(fields.dialect.disabled ? {} : {dialect: fields.dialect.value}),
    ...(fields.prediction.value.trim() ? {prediction_id: fields.prediction.value.trim()} : {}),
  };
  try {
    const made = await post("/api/deliveries/test", wanted);
    if (turn !== state.at) return;
    fields.body.value = indented(made.request.body) ?? made.request.body;
    go.disabled = false;
    said.replaceChildren();
  } catch (problem) {
    if (turn !== state.at) return;
    go.disabled = true;
    said.replaceChildren(h("p", {class: "bad"}, plain(problem)));
  }
}

async function send(fields, said, go, onsent) {
  go.disabled = true;
  said.replaceChildren(h("p", {class: "soft"}, "Sending …"));
  try {
    const sent = await post("/api/deliveries/test", {provider: fields.provider.value, body: fields.body.value});
    said.replaceChildren(answer(sent));
    await onsent();
  } catch (problem) {
    said.replaceChildren(h("p", {class: "bad"}, plain(problem)));
  }
  go.disabled = false;
}

function answer({answer: found, request}) {
  if (found.trouble) return h("p", {class: "bad"}, `${request.url}: ${TROUBLES[found.trouble]}`);
  const good = found.status === 200;
  return h("p", {}, h("b", {class: good ? "good" : "bad"}, `${found.status} `), good ? meaning(found.body) : (found.body?.detail ?? "refused"));
}

function meaning({duplicate, matched}) {
  if (duplicate) return "The same came before; nothing changed.";
  return matched === false ? "Kept. No prediction is known for it." : "Kept and applied.";
}

const TROUBLES = {
  name: "the name does not resolve; look at APP_URL", refused: "nobody answers there; look at APP_URL",
  tls: "its certificate is not valid", timeout: "no answer in time", cut: "the connection was cut",
};

function plain(problem) {
  const [first] = problem.errors ?? [];
  if (first?.field === "prediction_id") return "That is no id of a prediction.";
  return first ? `${first.message[0].toUpperCase()}${first.message.slice(1)}.` : problem.message;
}
