/** Events: what the providers delivered, live; what was not believed, and why; and deliveries of one's own. */

import {get} from "../api.js";
import {h} from "../ui.js";
import {detail} from "./events/detail.js";
import {Feed} from "./events/feed.js";
import {list} from "./events/list.js";
import {sender} from "./events/sender.js";

customElements.define("dr-events", class extends HTMLElement {
  #feed = new Feed((state) => this.#show(state));
  #state = {deliveries: null, problem: null};
  #chosen = null;
  #filter = "all";
  #opened = null;

  connectedCallback() {
    this.#chosen = fromAddress();
    this.#build();
    this.#feed.start();
    addEventListener("hashchange", this.#follow);
  }

  disconnectedCallback() {
    this.#feed.stop();
    removeEventListener("hashchange", this.#follow);
  }

  #build() {
    this.notice = h("p", {class: "notice", role: "status", hidden: true});
    this.status = h("span", {class: "live soft"}, h("i", {"aria-hidden": "true"}), h("span", {}, "connecting"));
    this.listed = h("div", {class: "listed"});
    this.shown = h("section", {class: "shown card", "aria-label": "The chosen delivery", tabindex: "-1"});
    this.sender = sender(() => this.#newest(), (before) => this.#sent(before));
    this.replaceChildren(
      h("header", {class: "top"},
        h("div", {}, h("h1", {}, "Events"), h("p", {class: "soft"}, "Every delivery of your providers, as it comes.")),
        this.status,
        h("button", {class: "primary", type: "button", onclick: () => this.sender.begin()}, "Send a test event")),
      this.notice,
      h("div", {class: "panes"},
        h("section", {class: "pane", "aria-label": "Deliveries"}, this.#filters(), this.listed),
        this.shown),
      this.sender);
    this.#draw();
    this.#open();
  }

  #filters() {
    const names = {all: "All", waiting: "Waiting", rejected: "Not believed"};
    this.tabs = Object.entries(names).map(([name, text]) =>
      h("button", {type: "button", "data-filter": name, "aria-pressed": String(name === this.#filter), onclick: () => this.#sift(name)}, text));
    return h("div", {class: "filters", role: "group", "aria-label": "Which deliveries"}, this.tabs);
  }

  #sift(name) {
    this.#filter = name;
    for (const tab of this.tabs) tab.setAttribute("aria-pressed", String(tab.dataset.filter === name));
    this.#draw();
  }

  #show(state) {
    const before = this.#chosenOne();
    this.#state = state;
    this.notice.hidden = !state.problem;
    this.notice.textContent = state.problem ?? "";
    this.status.classList.toggle("on", !state.problem);
    this.status.lastChild.textContent = state.problem ? "away" : state.isLive ? "live" : "every 2 s";
    this.#draw();
    const after = this.#chosenOne();
    if (before?.verdict !== after?.verdict || this.#chosen !== this.#opened) this.#open();
  }

  #draw() {
    const {deliveries} = this.#state;
    const some = deliveries?.filter((each) => this.#filter === "all" || each.verdict === this.#filter
      || (this.#filter === "waiting" && each.verdict === "set_aside"));
    list(this.listed, some, {
      chosen: this.#chosen, filter: this.#filter, onsend: () => this.sender.begin(),
      onmore: this.#state.next && this.#filter === "all" ? () => this.#feed.more() : null,
    });
  }

  #chosenOne() {
    return this.#state.deliveries?.find((each) => each.id === this.#chosen);
  }

  #follow = () => {
    if (location.hash.split("/")[1] !== "events") return;
    this.#chosen = fromAddress();
    this.#draw();
    this.#open(true);
  };

  /** The body is asked for when one is looked at: the list does not carry it. */
  async #open(takesFocus = false) {
    const wanted = this.#chosen, known = this.#chosenOne();
    if (!wanted || (known?.verdict !== "rejected" && this.#state.deliveries === null)) return this.#detail(null);
    this.#opened = wanted;
    if (known?.verdict === "rejected") return this.#detail(known, takesFocus);
    try {
      const found = await get(`/api/deliveries/${encodeURIComponent(wanted)}`);
      if (wanted === this.#chosen) this.#detail(found, takesFocus);
    } catch (problem) {
      if (wanted === this.#chosen) this.shown.replaceChildren(h("p", {class: "soft"}, problem.message));
    }
  }

  #detail(found, takesFocus = false) {
    detail(this.shown, found, {refresh: () => this.#feed.look(), resend: (body) => this.sender.begin(body)});
    this.classList.toggle("has-chosen", found !== null);
    if (takesFocus && found) this.shown.focus({preventScroll: innerWidth > 800});
  }

  #newest() {
    return this.#state.deliveries?.[0]?.id;
  }

  /** What is newer than before the sending: the stream may have brought it to the list already. */
  async #sent(before) {
    await this.#feed.look();
    const now = this.#newest();
    if (now && now !== before) location.hash = `#/events/${now}`;
  }
});

function fromAddress() {
  return location.hash.split("/")[2] || null;
}
