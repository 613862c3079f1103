/** `<dr-list>`: the caller's own predictions, newest first, as they come and as they are. */

import {h} from "../ui.js";
import {perform, possible} from "../list/actions.js";
import {Bulk, selectable} from "../list/bulk.js";
import {Card} from "../list/card.js";
import {Feed} from "../list/feed.js";
import {Filters} from "../list/filters.js";
import {Grid} from "../list/grid.js";
import {Menu} from "../list/menu.js";
import {beginning, nothing, skeleton} from "../list/empty.js";
import {Selection} from "../list/selection.js";
import {view} from "../list/viewer.js";
import {isFinal, short, state, title} from "../list/words.js";

const TICK = 200;
const pendingId = (key) => `pending-${key}`;

customElements.define("dr-list", class extends HTMLElement {
  connectedCallback() {
    if (!this.grid) this.#build();
    this.listeners = new AbortController();
    const {signal} = this.listeners;
    document.addEventListener("dr-creating", ({detail}) => this.#creating(detail), {signal});
    document.addEventListener("dr-created", ({detail}) => this.#created(detail), {signal});
    document.addEventListener("dr-create-failed", ({detail}) => this.feed.abandon(pendingId(detail.key)), {signal});
    document.addEventListener("dr-deleted", ({detail}) => this.feed.forget(detail.id), {signal});
    this.grid.start();
    this.feed.start();
    this.filters.load().then(() => this.#draw());
    this.clock = setInterval(() => this.grid.cards.forEach((card) => isFinal(card.prediction) || card.tick(Date.now())), TICK);
    this.sight.observe(this.end);
  }

  disconnectedCallback() {
    this.listeners.abort();
    clearInterval(this.clock);
    this.sight.disconnect();
    this.grid.stop();
    this.feed.stop();
    this.feed = this.#newFeed();
  }

  #build() {
    this.menu = new Menu((action, prediction) => perform(action, prediction, this.feed));
    this.filters = new Filters();
    this.said = h("p", {class: "visually-hidden", role: "status"});
    this.note = h("div", {class: "list-note"});
    this.place = h("div", {class: "shots", role: "feed", "aria-labelledby": "list-title", "aria-busy": "true"}, skeleton());
    this.end = h("div", {class: "list-end"}, h("button", {type: "button", hidden: true, onclick: () => this.feed.more()}, "Show older ones"), h("p", {class: "soft"}));
    this.grid = new Grid(this.place, () => new Card(this));
    this.feed = this.#newFeed();
    this.selection = new Selection();
    this.bulk = new Bulk(this.selection, () => this.grid.items, () => this.feed);
    this.selection.addEventListener("change", () => this.#mark());
    this.sight = new IntersectionObserver((seen) => { if (seen.at(-1).isIntersecting) this.#more(); }, {rootMargin: "800px"});
    this.filters.addEventListener("change", () => this.feed.narrow(this.filters.filter));
    this.filters.addEventListener("search", () => this.#draw());
    this.place.addEventListener("keydown", (event) => this.#key(event));
    this.place.addEventListener("click", (event) => this.#click(event), {capture: true});
    this.addEventListener("keydown", (event) => { if (event.key === "Escape" && this.selection.size && !event.defaultPrevented) this.selection.clear(); });
    this.place.addEventListener("focusin", ({target}) => { this.grid.active = target.closest(".shot")?.dataset.id ?? this.grid.active; });
    this.replaceChildren(this.filters.element, this.said, this.note, this.place, this.end, this.bulk.element, this.menu.element);
  }

  #newFeed() {
    const feed = new Feed();
    feed.filter = this.filters.filter;
    feed.addEventListener("change", () => this.#draw());
    return feed;
  }

  /** What a card asks for. */
  act(action, prediction, button) {
    if (action.name === "menu") this.menu.open(prediction, button);
    else perform(action, prediction, this.feed);
  }

  show(prediction, at) { view(prediction, at); }

  /** With Shift, all from the last one up to this one. */
  pick(id, isReaching) {
    this.grid.active = id;
    if (isReaching) this.selection.reach(id, selectable(this.grid.items).map((each) => each.id));
    else this.selection.toggle(id);
  }

  #mark() {
    this.place.classList.toggle("picking", this.selection.size > 0);
    this.grid.cards.forEach((card) => card.picked(this.selection.has(card.prediction.id)));
  }

  #draw() {
    const all = this.feed.store.list(), words = this.filters.words;
    const items = words ? all.filter((each) => title(each).toLocaleLowerCase().includes(words)) : all;
    this.filters.tell(this.feed.state);
    const isWaiting = !this.feed.isLoaded && !all.length;
    this.place.setAttribute("aria-busy", String(!this.feed.isLoaded));
    if (!isWaiting) {
      this.place.querySelectorAll(".bone").forEach((bone) => bone.remove());
      this.place.hidden = false;
      this.grid.show(items);
      this.selection.keep(items.map((each) => each.id));
      this.#mark();
      this.bulk.draw();
      this.place.hidden = !items.length;
    }
    this.#tellEnds();
    this.note.replaceChildren(...(isWaiting || items.length ? [] : [this.filters.isNarrow ? nothing(() => this.filters.clear()) : beginning()]));
    this.#tellEnd(items.length, all.length);
  }

  #tellEnd(shown, loaded) {
    const [button, words] = this.end.children, hasMore = Boolean(this.feed.next);
    button.hidden = !hasMore;
    const found = this.filters.words ? `${shown} of the ${loaded} loaded so far.` : hasMore || loaded < 10 ? "" : `That is all: ${loaded.toLocaleString()}.`;
    if (words.textContent !== found) words.textContent = found;
  }

  /** The next page, and the next, while its place is in sight. */
  async #more() {
    if (this.loading || !this.feed.next) return;
    this.loading = true;
    await this.feed.more();
    this.loading = false;
    if (this.feed.isAway) return;
    this.sight.unobserve(this.end);  // begun anew it tells how it stands: what has been in sight all along is no news to it
    this.sight.observe(this.end);
  }

  /** Said once for each that ends while one looks on. */
  #tellEnds() {
    const open = new Set(this.feed.store.list().filter((each) => !isFinal(each)).map((each) => each.id));
    for (const id of this.open ?? []) {
      const ended = open.has(id) ? null : this.feed.store.get(id);
      if (ended && isFinal(ended)) this.said.textContent = `${state(ended)[1]}: ${short(title(ended), 80)}`;
    }
    this.open = open;
  }

  /** One card for each key, with as many empty places as it will have outputs. */
  #creating({key, count = 1, input = {}, model = "", provider}) {
    const created_at = new Date().toISOString(), files = Array.from({length: count > 1 ? count : 0}, () => ({state: "pending"}));
    this.feed.expect({id: pendingId(key), pending: true, status: "starting", stage: "pending", input, model, provider, files, created_at, updated_at: created_at});
  }

  #created({key, prediction}) {
    const [first, ...others] = prediction.predictions ?? [prediction];
    this.grid.rename(pendingId(key), first.id);
    this.feed.store.drop(pendingId(key));
    for (const {client_token: _, ...made} of [first, ...others]) this.feed.hear(made);
    this.feed.refresh();
  }

  /** With Shift, Ctrl or ⌘ a press anywhere on a card chooses it. */
  #click(event) {
    const shot = event.target.closest(".shot");
    if (!shot || !(event.shiftKey || event.ctrlKey || event.metaKey) || event.target.closest("a, .shot-pick, .shot-acts, video, audio")) return;
    event.preventDefault();
    event.stopPropagation();
    getSelection().removeAllRanges();
    if (!this.feed.store.get(shot.dataset.id)?.pending) this.pick(shot.dataset.id, event.shiftKey);
  }

  /** Keys work on the card itself, not in what is within it. */
  #key(event) {
    if (!event.target.matches(".shot")) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "a") { event.preventDefault(); this.selection.only(selectable(this.grid.items).map(({id}) => id)); return; }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const prediction = this.feed.store.get(event.target.dataset.id);
    if ([" ", "x"].includes(event.key) && prediction && !prediction.pending) { event.preventDefault(); this.pick(prediction.id, false); return; }
    if (event.shiftKey && event.key.startsWith("Arrow")) { event.preventDefault(); this.#extend(event); return; }
    const action = prediction && possible(prediction).find((each) => each.key === event.key);
    if (this.grid.move(event.key)) event.preventDefault();
    else if (action) { event.preventDefault(); perform(action, prediction, this.feed); }
  }

  #extend({key, target}) {
    if (!this.selection.has(target.dataset.id)) this.pick(target.dataset.id, false);
    this.grid.move(key);
    this.pick(this.grid.active, true);
  }
});
