/** The predictions that this page knows, newest first. Whatever order news comes in, nothing goes back or appears twice. */

import {isFinal} from "./words.js";

export class Store {
  #known = new Map();
  #gone = new Set();
  #sorted = null;

  get(id) { return this.#known.get(id); }
  get ids() { return [...this.#known.keys()]; }

  /** True if it told something new. */
  take(prediction) {
    const known = this.#known.get(prediction.id);
    if (this.#gone.has(prediction.id) || (known && !isNewer(known, prediction))) return false;
    this.#known.set(prediction.id, prediction);
    this.#sorted = null;
    return true;
  }

  /** `forGood`: it was deleted, and late news of it must not bring it back. */
  drop(id, {forGood = false} = {}) {
    if (forGood) this.#gone.add(id);
    this.#sorted = null;
    return this.#known.delete(id);
  }

  clear() {
    for (const id of this.ids) if (!this.get(id).pending) this.#known.delete(id);
    this.#sorted = null;
  }

  /** Ids are UUIDs of version 7: their order is the order of time. What is only asked for stands first. */
  list() {
    this.#sorted ??= [...this.#known.values()].sort((one, other) =>
      Boolean(other.pending) - Boolean(one.pending) || (one.id < other.id ? 1 : -1));
    return this.#sorted;
  }
}

function isNewer(known, told) {
  if (known.pending) return true;
  if (isFinal(known) && !isFinal(told)) return false;
  return Date.parse(told.updated_at) >= Date.parse(known.updated_at) && JSON.stringify(told) !== JSON.stringify(known);
}
