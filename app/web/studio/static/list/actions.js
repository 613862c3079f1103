/** What can be done with a prediction: a row for each, with when it makes sense and what it does. */

import {Problem, post, remove} from "../api.js";
import {toast} from "../ui.js";
import {confirmed} from "./confirm.js";
import {copy} from "./copy.js";
import {canVary} from "./models.js";
import {isFinal, short, title} from "./words.js";

const path = (prediction, rest = "") => `/api/predictions/${prediction.id}${rest}`;
const hasFiles = (prediction) => (prediction.files ?? []).some((file) => file.url);
/** What is being stored has been made, and paid for. */
const TOO_LATE = ["storing", "canceling"];
let canPublish = true;

/** `key` works on a focused card. `run(prediction, feed)`. */
export const ACTIONS = [
  {name: "receipt", label: "Receipt", key: "Enter", when: () => true, run: (prediction) => open(prediction)},
  {name: "cancel", label: "Cancel", key: "c", when: (each) => !isFinal(each) && !TOO_LATE.includes(each.stage), run: cancel},
  {name: "again", label: "Run again", key: "r", when: isFinal, run: again},
  {name: "vary", label: "Vary", key: "v", when: (each) => isFinal(each) && canVary(each), run: vary},
  {name: "form", label: "Change and run", key: "e", when: () => true, run: intoForm},
  {name: "download", label: "Download", key: "d", when: hasFiles, run: download},
  {name: "publish", label: "Publish", key: "p", when: (each) => canPublish && each.status === "succeeded" && !each.published, run: publish},
  {name: "unpublish", label: "Take out of the gallery", key: "p", when: (each) => canPublish && each.published, run: unpublish},
  {name: "copy", label: "Copy the id", key: "i", when: () => true, run: (prediction) => copy(prediction.id, "The id is copied.")},
  {name: "link", label: "Copy a link", key: "l", when: () => true, run: (prediction) => copy(`${location.origin}/#/p/${prediction.id}`, "The link is copied.")},
  {name: "delete", label: "Delete…", key: "Delete", when: isFinal, run: erase},
];
/** One of many: without a question or a word of its own. */
export const single = {cancel, download, delete: bury, publish: async (prediction, feed) => feed.hear(await post(path(prediction, "/publish")))};
const MENU = {name: "menu", label: "More"};

export const possible = (prediction) => prediction.pending ? [] : ACTIONS.filter((action) => action.when(prediction));

/** On the card itself: the receipt, what is most likely wanted next, and the menu with all of it. */
export function buttonsOf(prediction) {
  const offered = possible(prediction), byName = (name) => offered.find((each) => each.name === name);
  if (!offered.length) return [];
  const likely = byName("cancel") ?? (prediction.status === "succeeded" ? byName("download") : byName("again"));
  return [byName("receipt"), likely, MENU].filter(Boolean);
}

/** A refusal is told in the service's own words. */
export async function perform(action, prediction, feed) {
  try {
    await action.run(prediction, feed);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) feed.look(prediction.id);
    if (error.code === "already_finished") { feed.look(prediction.id); toast("It had already finished."); }
    else toast(error.message, "bad");
  }
}

function open(prediction) {
  document.dispatchEvent(new CustomEvent("dr-open", {detail: {id: prediction.id}}));
}

async function cancel(prediction, feed) {
  feed.hear(await post(path(prediction, "/cancel")));
}

function again(prediction, feed) {
  const {provider, model, input} = prediction;
  return asked(feed, prediction, input, () => post("/api/predictions", {provider, model, input}, {headers: {"idempotency-key": key()}}));
}

function vary(prediction, feed) {
  return asked(feed, prediction, prediction.input, () => post(path(prediction, "/variations"), {num: 1}, {headers: {"idempotency-key": key()}}));
}

/** Shown at once, as an order from the form is. */
async function asked(feed, {provider, model}, input, order) {
  const pending = key(), tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, {detail: {key: pending, ...detail}}));
  tell("dr-creating", {count: 1, input, model, provider});
  try {
    tell("dr-created", {prediction: await order()});
  } catch (error) {
    tell("dr-create-failed", {error});
    throw error;
  }
}

function intoForm(prediction) {
  document.dispatchEvent(new CustomEvent("dr-again", {detail: {prediction}}));
  scrollTo({top: 0});
}

function download(prediction) {
  prediction.files.filter((file) => file.url).forEach((file) => {
    const link = Object.assign(document.createElement("a"), {href: file.url, download: file.url.split("/").at(-1), target: "_blank", rel: "noopener"});
    link.click();
  });
}

function publish(prediction, feed) {
  return shown(feed, prediction, () => post(path(prediction, "/publish")), "Everybody can see it in the gallery now.");
}

function unpublish(prediction, feed) {
  return shown(feed, prediction, () => remove(path(prediction, "/publish")), "It is out of the gallery.");
}

/** A service without a gallery answers 404 or 405; then this is not offered again. */
async function shown(feed, prediction, ask, words) {
  try {
    const answer = await ask();
    if (answer?.id && answer.status) feed.hear(answer);
    else await feed.look(prediction.id);
    toast(words);
  } catch (error) {
    if (error.status !== 404 && error.status !== 405) throw error;
    canPublish = false;
    toast("This service has no gallery to publish in.");
  }
}

async function erase(prediction, feed) {
  const words = `“${short(title(prediction), 80)}” goes for good: the record, its prompt, its files and its deliveries. What it cost stays on the books.`;
  if (!await confirmed("Delete this prediction?", words, "Delete for good")) return;
  const answer = await bury(prediction, feed);
  toast(answer?.note ? "Deleted. Caches may keep copies of its files for 30 days." : "Deleted.");
}

async function bury(prediction, feed) {
  const answer = await remove(path(prediction));
  feed.forget(prediction.id, {tellOthers: true});
  return answer;
}

/** `randomUUID` is only there over https and on localhost. */
function key() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
