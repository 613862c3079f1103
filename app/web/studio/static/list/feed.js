/** Where the list's predictions come from: pages, the live stream, and polling wherever that is not to be had.
    Tells `change` when there is something to show; `document` hears `dr-prediction` of every single one. */

import {Away, Problem, get} from "../api.js";
import {Store} from "./store.js";
import {Stream} from "./stream.js";
import {isFinal} from "./words.js";

const PAGE = 48, MOST_SINGLY = 20;
const EVERY = {live: [15_000, 60_000], polling: [1_500, 5_000], away: [2_000, 2_000], out: [30_000, 30_000]};

export class Feed extends EventTarget {
  store = new Store();
  filter = {};
  next = null;
  isLoaded = false;
  isAway = false;
  isOut = false;
  #timer = 0;
  #running = null;
  #again = false;
  #stream = new Stream({hear: (prediction) => this.hear(prediction), forget: (id) => this.forget(id), changed: () => this.refresh()});
  #tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("darkroom-list");

  get state() {
    return this.isOut ? "out" : this.isAway ? "away" : this.#stream.isOpen ? "live" : "polling";
  }

  start() {
    document.addEventListener("visibilitychange", this.#looked);
    document.addEventListener("dr-signed-in", this.#looked);
    for (const name of ["online", "offline"]) addEventListener(name, this.#looked);
    if (this.#tabs) this.#tabs.onmessage = ({data}) => { if (data?.deleted) this.forget(data.deleted); };
    this.#looked();
  }

  stop() {
    document.removeEventListener("visibilitychange", this.#looked);
    document.removeEventListener("dr-signed-in", this.#looked);
    for (const name of ["online", "offline"]) removeEventListener(name, this.#looked);
    clearTimeout(this.#timer);
    this.#stream.close();
    this.#tabs?.close();
  }

  /** Everything anew, by another filter. */
  narrow(filter) {
    this.filter = filter;
    this.next = null;
    this.isLoaded = false;
    this.store.clear();
    this.#tell();
    return this.refresh();
  }

  async more() {
    if (!this.next) return;
    const filter = this.filter;
    const page = await this.#tried(() => get(this.#address(this.next)));
    if (!page || filter !== this.filter) return;
    page.data.forEach((each) => this.store.take(each));
    this.next = page.next;
    this.#tell();
  }

  /** One that was told of, here or elsewhere. */
  hear(prediction) {
    if (!this.#fits(prediction)) this.store.drop(prediction.id);
    else if (!this.store.take(prediction)) return;
    document.dispatchEvent(new CustomEvent("dr-prediction", {detail: {prediction}}));
    this.#tell();
  }

  /** A card for what is not there yet; `settle` puts the real one in its place. */
  expect(pending) { this.store.take(pending); this.#tell(); }
  abandon(id) { this.store.drop(id); this.#tell(); }

  forget(id, {tellOthers = false} = {}) {
    this.store.drop(id, {forGood: true});
    if (tellOthers) this.#tabs?.postMessage({deleted: id});
    document.dispatchEvent(new CustomEvent("dr-gone", {detail: {id}}));
    this.#tell();
  }

  /** The newest page and whatever is unfinished, once at a time; asked for meanwhile, once more. */
  async refresh() {
    if (this.#running) { this.#again = true; return this.#running; }
    this.#running = this.#look();
    await this.#running;
    this.#running = null;
    if (this.#again) { this.#again = false; return this.refresh(); }
    this.#plan();
  }

  #looked = () => {
    if (document.hidden) { this.#stream.close(); return; }
    this.#stream.open();
    this.refresh();
  };

  async #look() {
    const filter = this.filter, before = this.store.ids;
    const page = await this.#tried(() => get(this.#address(null)));
    if (page && filter === this.filter) {
      this.#merge(page, before);
      if (!this.isLoaded) { this.next = page.next; this.isLoaded = true; }
      await this.#single(page);
    }
    this.#tell();
  }

  /** What was known in the page's range and is not in it any more was deleted elsewhere, or fits the filter no more. */
  #merge({data, next}, before) {
    const told = new Set(data.map((each) => each.id)), last = next ? data.at(-1).id : "";
    for (const id of before) if (!told.has(id) && id >= last && !this.store.get(id)?.pending) this.store.drop(id);
    for (const each of data) if (this.store.take(each)) document.dispatchEvent(new CustomEvent("dr-prediction", {detail: {prediction: each}}));
  }

  /** Unfinished ones further down. */
  async #single({data}) {
    const told = new Set(data.map((each) => each.id));
    const open = this.store.list().filter((each) => !each.pending && !isFinal(each) && !told.has(each.id));
    await Promise.all(open.slice(0, MOST_SINGLY).map((each) => this.look(each.id)));
  }

  async look(id) {
    const found = await this.#tried(() => get(`/api/predictions/${id}`), (problem) => {
      if (problem.status === 404) this.forget(id);
    });
    if (found) this.hear(found);
  }

  #plan() {
    clearTimeout(this.#timer);
    const isBusy = this.store.list().some((each) => !isFinal(each));
    if (!document.hidden) this.#timer = setTimeout(() => this.refresh(), EVERY[this.state][isBusy ? 0 : 1]);
  }

  async #tried(ask, refused = () => {}) {
    try {
      const answer = await ask();
      this.isAway = this.isOut = false;
      return answer;
    } catch (error) {
      if (error instanceof Problem) { this.isAway = error.status >= 500; this.isOut = error.status === 401; refused(error); }
      else if (error instanceof Away) this.isAway = true;
      else throw error;
      return null;
    }
  }

  #address(cursor) {
    const query = new URLSearchParams({limit: PAGE, ...this.filter, ...(cursor ? {cursor} : {})});
    return `/api/predictions?${query}`;
  }

  #fits(prediction) {
    return Object.entries(this.filter).every(([name, wanted]) => prediction[name] === wanted);
  }

  #tell() { this.dispatchEvent(new Event("change")); }
}
