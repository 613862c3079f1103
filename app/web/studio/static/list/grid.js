/** A grid of which only what is near the window is in the document: a thousand cards scroll like twenty. */

const NARROWEST = 15, GAP = 1, TAIL = 9.5, AHEAD = 500;

export class Grid {
  #cards = new Map();
  #items = [];
  #frame = 0;
  #drawn = "";
  active = null;

  /** `make()` gives a card: `element`, `update(item, number, count)`, `place(x, y, width, height)`. */
  constructor(element, make) {
    this.element = element;
    this.make = make;
    this.resized = new ResizeObserver(() => this.draw());
  }

  start() {
    this.resized.observe(this.element);
    addEventListener("scroll", this.#later, {passive: true});
    addEventListener("resize", this.#later);
  }

  stop() {
    this.resized.disconnect();
    removeEventListener("scroll", this.#later);
    removeEventListener("resize", this.#later);
    cancelAnimationFrame(this.#frame);
  }

  get items() { return this.#items; }
  get cards() { return [...this.#cards.values()]; }
  card(id) { return this.#cards.get(id); }

  show(items) {
    this.#items = items;
    if (!items.some((each) => each.id === this.active)) this.active = items[0]?.id ?? null;
    this.draw();
  }

  /** The card stays the same when what was asked for becomes what is there. */
  rename(from, to) {
    const card = this.#cards.get(from);
    if (!card || this.#cards.has(to)) return;
    this.#cards.delete(from);
    this.#cards.set(to, card);
    if (this.active === from) this.active = to;
  }

  #later = () => {
    if (!this.#frame) this.#frame = requestAnimationFrame(() => { this.#frame = 0; this.draw({isScrolled: true}); });
  };

  /** Merely scrolled, cards that stay are left alone, and without a new row all of them. */
  draw({isScrolled = false} = {}) {
    const measure = this.#measure();
    if (!measure.wide) return;
    const {columns, step} = measure, count = this.#items.length;
    this.element.style.setProperty("--total", `${Math.ceil(count / columns) * step}px`);
    const top = this.element.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor((-top - AHEAD) / step)) * columns;
    const last = Math.min(count, Math.ceil((innerHeight - top + AHEAD) / step) * columns);
    const drawn = [first, last, count, columns, measure.width, measure.step].join();
    if (isScrolled && drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#fill(Math.min(first, count), Math.max(last, 0), measure, isScrolled);
  }

  #measure() {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize), gap = GAP * rem;
    const wide = this.element.clientWidth, columns = Math.max(1, Math.floor((wide + gap) / (NARROWEST * rem + gap)));
    const width = Math.floor((wide - gap * (columns - 1)) / columns), height = Math.round(width + TAIL * rem);
    return {wide, columns, width, height, gap, step: height + gap};
  }

  /** In the order of the list, so that Tab and a reader go the way the eye does; the one with the focus is never taken away. */
  #fill(first, last, {columns, width, height, gap, step}, isScrolled) {
    const wanted = new Set(), focused = document.activeElement?.closest?.(".shot")?.dataset.id;
    let previous = null;
    this.#items.forEach((item, at) => {
      if ((at < first || at >= last) && item.id !== focused) return;
      wanted.add(item.id);
      const card = this.#cards.get(item.id), shown = card ?? this.make();
      if (!card) this.#cards.set(item.id, shown);
      if (!card || !isScrolled) {
        shown.place(at % columns * (width + gap), Math.floor(at / columns) * step, width, height);
        shown.update(item, at + 1, this.#items.length);
      }
      const tabIndex = item.id === this.active ? 0 : -1;
      if (shown.element.tabIndex !== tabIndex) shown.element.tabIndex = tabIndex;
      if (!shown.element.isConnected) (previous ? previous.after(shown.element) : this.element.prepend(shown.element));
      previous = shown.element;
    });
    for (const [id, card] of this.#cards) if (!wanted.has(id)) { card.element.remove(); this.#cards.delete(id); }
  }

  /** Arrows, Home, End, Page Up and Page Down; true if it was one of them. */
  move(key) {
    const at = this.#items.findIndex((each) => each.id === this.active), {columns} = this.#measure();
    const steps = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, PageUp: -columns * 2, PageDown: columns * 2, Home: -Infinity, End: Infinity};
    if (!(key in steps)) return false;
    this.focus(Math.min(this.#items.length - 1, Math.max(0, at + steps[key])));
    return true;
  }

  focus(at) {
    const item = this.#items[at];
    if (!item) return;
    this.active = item.id;
    const {columns, step} = this.#measure(), top = this.element.getBoundingClientRect().top + Math.floor(at / columns) * step;
    if (top < 0 || top + step > innerHeight) scrollBy({top: top < 0 ? top - 16 : top + step - innerHeight + 16, behavior: "instant"});
    this.draw();
    this.card(item.id)?.element.focus({preventScroll: true});
  }
}
