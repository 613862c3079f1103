/** A dialog for a new endpoint, whose secret it shows; or for changes of one that is there. */

import {call, post} from "../../api.js";
import {copy} from "../../list/copy.js";
import {h} from "../../ui.js";

const ROOT = "/api/webhook-endpoints";
const EVENTS = {
  "prediction.started": "A prediction started",
  "prediction.succeeded": "It succeeded",
  "prediction.failed": "It failed",
  "prediction.canceled": "It was canceled",
  "webhook_endpoint.failing": "Another endpoint has failed for days",
  "webhook_endpoint.disabled": "Another endpoint was disabled",
};

/** A dialog with one method more: `begin()`, or `begin(endpoint)` to change one. `ondone` gets the id of a new one. */
export function editor(ondone) {
  const title = h("h2", {id: "endpoint-title"});
  const url = h("input", {id: "endpoint-url", type: "url", required: true, maxlength: "2000", placeholder: "https://…", autocomplete: "off", spellcheck: "false", "aria-describedby": "endpoint-problem"});
  const about = h("input", {id: "endpoint-about", maxlength: "500", autocomplete: "off"});
  const boxes = Object.entries(EVENTS).map(([name, words]) => h("label", {class: "choice"}, h("input", {type: "checkbox", value: name}), h("span", {}, words)));
  const said = h("p", {class: "bad", id: "endpoint-problem", role: "alert"});
  const go = h("button", {class: "primary"});
  const form = h("form", {},
    h("div", {class: "field"}, h("label", {for: "endpoint-url"}, "Address"), url, said),
    h("div", {class: "field"}, h("label", {for: "endpoint-about"}, "What it is for"), about),
    h("fieldset", {class: "choices"}, h("legend", {}, "Told of"), h("p", {class: "soft"}, "None chosen: every event."), boxes),
    h("div", {class: "row ending"}, h("span", {class: "spacer"}), go));
  const made = h("div", {class: "made", hidden: true});
  const dialog = h("dialog", {class: "sender endpoint-dialog", "aria-labelledby": "endpoint-title"},
    h("header", {class: "row"}, title, h("span", {class: "spacer"}),
      h("button", {type: "button", class: "plain", "aria-label": "Close", onclick: () => dialog.close()}, "✕")),
    form, made);
  const checks = () => boxes.map((box) => box.firstChild);
  let before = null;

  url.addEventListener("input", () => { said.textContent = ""; });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wish = {url: url.value.trim(), description: about.value.trim(), events: checks().filter((box) => box.checked).map((box) => box.value)};
    go.disabled = true;
    said.textContent = "";
    try {
      const done = before ? await call("PATCH", `${ROOT}/${before.id}`, wish) : await post(ROOT, wish);
      ondone(before ? null : done.id);
      if (before) dialog.close();
      else reveal(done.secret);
    } catch (problem) {
      said.textContent = worded(problem);
      url.focus();
    }
    go.disabled = false;
  });

  function reveal(secret) {
    form.hidden = true;
    made.hidden = false;
    title.textContent = "It is told from now on";
    made.replaceChildren(
      h("p", {}, "What it is sent is signed with this secret. Give it to your receiver; any Standard Webhooks library verifies."),
      h("code", {class: "secret"}, secret),
      h("div", {class: "row ending"}, h("span", {class: "spacer"}),
        h("button", {type: "button", class: "primary", onclick: () => copy(secret, "Copied.")}, "Copy the secret"),
        h("button", {type: "button", onclick: () => dialog.close()}, "Done")));
  }

  dialog.begin = (endpoint = null) => {
    before = endpoint;
    form.hidden = false;
    made.hidden = true;
    made.replaceChildren();
    said.textContent = "";
    title.textContent = endpoint ? "Change the endpoint" : "Add an endpoint";
    go.textContent = endpoint ? "Save" : "Add";
    url.value = endpoint?.url ?? "";
    about.value = endpoint?.description ?? "";
    for (const box of checks()) box.checked = endpoint?.events.includes(box.value) ?? false;
    dialog.showModal();
    url.focus();
  };
  return dialog;
}

function worded(problem) {
  const [first] = problem.errors ?? [];
  if (first?.field !== "url") return problem.message;
  return "That address cannot be called: use https, and a public host.";
}
