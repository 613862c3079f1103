/** Buying, told to the page as it goes: `dr-creating` at once, then `dr-created` or `dr-create-failed` by the same key. */

import {Away, darkroom} from "../api.js";
import {newKey} from "../client.js";

let unheard = null;  // {text, key}: sent, and never answered

/** One order, or several as a batch. Sent again unchanged after silence, it keeps its key and is not bought twice. */
export async function run(orders, {isBatch, count}) {
  const text = JSON.stringify(orders);
  const key = unheard?.text === text ? unheard.key : newKey();
  const keys = orders.map((_, at) => (isBatch ? `${key}.${at}` : key));
  orders.forEach((each, at) => tell("dr-creating", {key: keys[at], count, input: each.input, model: each.model}));
  try {
    const made = isBatch ? (await darkroom.batch(orders, {idempotencyKey: key})).predictions : [await darkroom.create(orders[0], {idempotencyKey: key})];
    unheard = null;
    made.forEach((prediction, at) => tell("dr-created", {key: keys[at], prediction}));
    return made;
  } catch (error) {
    unheard = error instanceof Away ? {text, key} : null;
    keys.forEach((each) => tell("dr-create-failed", {key: each, error}));
    throw error;
  }
}

const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, {detail}));
