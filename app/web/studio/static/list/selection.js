/** Which predictions are chosen, to do something with all of them. `change` tells of every other choice. */

export class Selection extends EventTarget {
  #chosen = new Set();
  #anchor = null;

  get size() { return this.#chosen.size; }
  has(id) { return this.#chosen.has(id); }

  toggle(id) {
    if (!this.#chosen.delete(id)) this.#chosen.add(id);
    this.#anchor = id;
    this.#tell();
  }

  /** From where the last one was chosen up to this one, in the order of `ids`. */
  reach(id, ids) {
    const from = ids.indexOf(this.#anchor), to = ids.indexOf(id);
    if (from < 0) return this.toggle(id);
    for (const each of ids.slice(Math.min(from, to), Math.max(from, to) + 1)) this.#chosen.add(each);
    this.#tell();
  }

  only(ids) {
    this.#chosen = new Set(ids);
    this.#anchor = null;
    this.#tell();
  }

  clear() { this.only([]); }

  /** What is shown no more is chosen no more: nothing happens to what nobody sees. */
  keep(ids) {
    const there = new Set(ids), left = [...this.#chosen].filter((id) => there.has(id));
    if (left.length === this.#chosen.size) return;
    this.#chosen = new Set(left);
    this.#tell();
  }

  #tell() { this.dispatchEvent(new Event("change")); }
}
