/** Webhooks: where you are told of what happens, what was answered there, and again. */

import {Away, call, get, post, remove} from "../api.js";
import {confirmed} from "../list/confirm.js";
import {h, toast} from "../ui.js";
import {detail, secret} from "./webhooks/detail.js";
import {editor} from "./webhooks/editor.js";
import {list} from "./webhooks/list.js";

const LOOK_EVERY = 3000;
const ROOT = "/api/webhook-endpoints";

customElements.define("dr-webhooks", class extends HTMLElement {
  #timer = null;
  #endpoints = null;
  #chosen = null;
  #shown = "";
  #secret = null;

  connectedCallback() {
    this.#chosen = fromAddress();
    this.notice = h("p", {class: "notice", role: "status", hidden: true});
    this.listed = h("div", {class: "listed"});
    this.panel = h("section", {class: "shown card", "aria-label": "The chosen endpoint", tabindex: "-1"});
    this.editor = editor((id) => { if (id) location.hash = `#/webhooks/${id}`; this.#look(); });
    this.replaceChildren(
      h("header", {class: "top"},
        h("div", {}, h("h1", {}, "Webhooks"), h("p", {class: "soft"}, "Where you are told of what happens, and what was answered.")),
        h("button", {class: "primary", type: "button", onclick: () => this.editor.begin()}, "Add an endpoint")),
      this.notice,
      h("div", {class: "panes"}, h("section", {class: "pane", "aria-label": "Endpoints"}, this.listed), this.panel),
      this.editor);
    this.#draw();
    this.#turn();
    addEventListener("hashchange", this.#follow);
    document.addEventListener("visibilitychange", this.#turn);
  }

  disconnectedCallback() {
    removeEventListener("hashchange", this.#follow);
    document.removeEventListener("visibilitychange", this.#turn);
    clearTimeout(this.#timer);
  }

  #turn = async () => {
    clearTimeout(this.#timer);
    if (!document.hidden) await this.#look();
    if (this.isConnected) this.#timer = setTimeout(this.#turn, LOOK_EVERY);
  };

  #follow = () => {
    if (location.hash.split("/")[1] !== "webhooks") return;
    this.#chosen = fromAddress();
    this.#draw();
    this.#look().then(() => this.panel.focus({preventScroll: innerWidth > 820}));
  };

  async #look() {
    const wanted = this.#chosen;
    try {
      const [{data}, attempts] = await Promise.all([get(ROOT), wanted ? this.#attempts(wanted) : null]);
      if (wanted !== this.#chosen) return;
      this.#endpoints = data;
      this.#say(null);
      this.#draw(attempts);
    } catch (problem) {
      this.#say(problem);
    }
  }

  /** None of an endpoint that is not there, or not any more. */
  async #attempts(id) {
    try {
      return (await get(`${ROOT}/${encodeURIComponent(id)}/attempts?limit=50`)).data;
    } catch (problem) {
      if (problem.status !== 404) throw problem;
      return [];
    }
  }

  #say(problem) {
    this.notice.hidden = !problem;
    this.notice.textContent = problem instanceof Away ? "The service does not answer. This page looks again by itself." : problem?.message ?? "";
  }

  /** What has not changed stays as it is, so that the focus and a secret that is shown do too. */
  #draw(attempts = null) {
    list(this.listed, this.#endpoints, {chosen: this.#chosen, onadd: () => this.editor.begin()});
    const found = this.#endpoints?.find((each) => each.id === this.#chosen);
    this.classList.toggle("has-chosen", Boolean(found));
    const shown = JSON.stringify([this.#chosen, found, attempts, this.#endpoints === null]);
    if (shown === this.#shown || (attempts === null && found)) return;
    this.#shown = shown;
    const held = this.panel.contains(document.activeElement) && document.activeElement.textContent;
    if (found && this.#secret?.id !== found.id) this.#secret = {id: found.id, row: secret(this.#tools(found))};
    detail(this.panel, found, attempts, this.#tools(found), {missing: Boolean(this.#chosen && this.#endpoints), secret: this.#secret?.row});
    if (held) [...this.panel.querySelectorAll("button")].find((each) => each.textContent === held)?.focus();
  }

  #tools(found) {
    const at = `${ROOT}/${found?.id}`;
    return {
      edit: () => this.editor.begin(found),
      test: () => this.#do(() => post(`${at}/test`), "A test is on its way."),
      resend: (event) => this.#do(() => post(`/api/webhook-events/${event}/resend`), "It is sent again."),
      missed: (since) => this.#do(() => post(`${at}/resend`, {since}), ({events}) => `${events || "No"} missed ${events === 1 ? "event is" : "events are"} sent.`),
      enable: (enabled) => this.#do(() => call("PATCH", at, {enabled}), enabled ? "It is told again from now on." : "Nothing is sent there any more."),
      secret: () => get(`${at}/secret`),
      rotate: async () => {
        if (await confirmed("Give it a new secret?", "For 24 hours the old one signs too, so that your receiver has time to learn the new one.", "New secret"))
          await this.#do(() => post(`${at}/rotate`, {overlap_hours: 24}), "Both secrets sign for 24 hours.", () => { this.#secret = null; this.#shown = ""; });
      },
      remove: async () => {
        if (!await confirmed("Delete this endpoint?", `${found.url} is told nothing more, and its attempts are forgotten.`, "Delete")) return;
        await this.#do(() => remove(at), "Deleted.");
        location.hash = "#/webhooks";
      },
    };
  }

  async #do(action, words, after = () => {}) {
    try {
      const done = await action();
      after();
      toast(typeof words === "function" ? words(done) : words, "good");
    } catch (problem) {
      toast(problem.message, "bad");
    }
    await this.#look();
  }
});

function fromAddress() {
  return location.hash.split("/")[2] || null;
}
