/** Give an orphan its prediction: by id, or from those of the same provider. */

import {get, post} from "../../api.js";
import {ago, h, toast} from "../../ui.js";

export function attacher(found, refresh) {
  const choices = h("datalist", {id: "predictions-to-attach"});
  const input = h("input", {name: "prediction", required: true, list: "predictions-to-attach", autocomplete: "off", spellcheck: "false", placeholder: "0190…", "aria-describedby": "attach-problem"});
  const wrong = h("p", {class: "bad", id: "attach-problem", role: "alert"});
  const give = h("button", {}, "Attach");
  const form = h("form", {class: "attach"},
    h("label", {}, "It tells of the prediction", input), choices, give, wrong);
  input.addEventListener("focus", () => suggest(choices, found.provider), {once: true});
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attach(found, input.value.trim(), {give, wrong, refresh});
  });
  return form;
}

/** The latest predictions of that provider, for a field to choose from. */
export async function suggest(choices, provider) {
  try {
    const {data} = await get(`/api/predictions?limit=20&provider=${encodeURIComponent(provider)}`);
    choices.replaceChildren(...data.map((each) =>
      h("option", {value: each.id}, `${each.status} · ${ago(each.created_at)} · ${String(each.input.prompt ?? each.model).slice(0, 60)}`)));
  } catch { /* an id can be pasted all the same */ }
}

async function attach(found, id, {give, wrong, refresh}) {
  give.disabled = true;
  wrong.textContent = "";
  try {
    await post(`/api/deliveries/${found.id}/attach`, {prediction_id: id});
    toast("Attached and applied.", "good");
    await refresh();
  } catch (problem) {
    wrong.textContent = problem.errors?.length ? "That is no id of a prediction." : problem.message;
  }
  give.disabled = false;
}
