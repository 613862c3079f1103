/** Who is signed in, at the top of every page; and the dialog that asks for a key where one is needed. */

import {get, post, remove} from "./api.js";
import {h, toast} from "./ui.js";

const TRY_AGAIN = 3000;
const FIRST = "This studio asks for a key. Whoever runs it makes one with `darkroom keys create`.";
const ENDED = "Your session has ended. Sign in again: what you typed is still here.";

customElements.define("dr-session", class extends HTMLElement {
  connectedCallback() {
    this.dialog = null;
    this.putOff = false;
    document.addEventListener("dr-signed-out", this.lost = () => this.askAgain());
    this.look();
  }

  disconnectedCallback() {
    document.removeEventListener("dr-signed-out", this.lost);
    clearTimeout(this.timer);
  }

  async look() {
    try {
      this.show(await get("/api/session"));
    } catch {
      this.timer = setTimeout(() => this.look(), TRY_AGAIN);
    }
  }

  show(session) {
    this.session = session;
    if (session.signed_in) return this.replaceChildren(who(session.owner), h("button", {type: "button", onclick: () => this.leave()}, "Sign out"));
    if (session.owner) return this.replaceChildren(who(session.owner));
    this.replaceChildren(h("button", {type: "button", class: "primary", onclick: () => this.open(FIRST)}, "Sign in"));
  }

  /** On a 401: by itself once; whoever closed the dialog has the button. */
  async askAgain() {
    if (this.dialog || this.putOff) return;
    const wasIn = Boolean(this.session?.owner);
    this.putOff = true;
    await this.look();
    if (!this.session?.owner) this.open(wasIn ? ENDED : FIRST);
    else this.putOff = false;
  }

  open(why) {
    if (this.dialog) return;
    this.dialog = dialog(why, (key) => post("/api/session", {key}));
    this.append(this.dialog);
    this.dialog.addEventListener("close", () => this.closed());
    this.dialog.showModal();
  }

  closed() {
    const session = this.dialog.session;
    this.dialog.remove();
    this.dialog = null;
    if (!session) return;
    this.putOff = false;
    this.show(session);
    toast(`Signed in as ${session.owner}.`);
    document.dispatchEvent(new CustomEvent("dr-signed-in", {detail: session}));
  }

  /** The page begins anew, so that nothing of his stays on it. */
  async leave() {
    try {
      await remove("/api/session");
      location.reload();
    } catch (error) {
      toast(`You are still signed in. ${error.message}`, "bad");
    }
  }
});

function who(owner) {
  return h("span", {class: "who soft", dir: "auto", title: owner}, owner);
}

/** Closed, it has the `session` that came of it, or none. */
function dialog(why, signIn) {
  const field = h("input", {
    id: "session-key", type: "password", name: "key", required: true, autocomplete: "off", autocapitalize: "off",
    spellcheck: "false", placeholder: "dk_…", maxlength: "200", "aria-describedby": "session-why session-wrong",
  });
  const wrong = h("p", {id: "session-wrong", class: "bad", role: "alert"});
  const go = h("button", {class: "primary"}, "Sign in");
  const form = h("form", {class: "session-form", novalidate: true},
    h("h2", {id: "session-title"}, "Sign in"), h("p", {id: "session-why", class: "soft"}, coded(why)),
    h("label", {for: "session-key"}, "Key"), field, wrong,
    h("div", {class: "row"}, go, h("button", {type: "button", onclick: () => made.close()}, "Not now")));
  const made = h("dialog", {class: "session-dialog", "aria-labelledby": "session-title"}, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.disabled = true;
    wrong.textContent = "";
    try {
      made.session = await signIn(field.value.trim());
      field.value = "";
      made.close();
    } catch (error) {
      wrong.textContent = said(error);
      go.disabled = false;
      field.focus();
      field.select();
    }
  });
  return made;
}

function said(error) {
  if (error.status === 401) return "This key opens nothing. It may be mistyped, revoked or rotated.";
  if (error.status === 422) return "That is no key. One begins with dk_ and is a single word.";
  if (error.status === 429) return `Too many tries. Try again in ${error.retryAfter ?? 60} s.`;
  return `${error.message} Try again in a moment.`;
}

function coded(text) {
  return text.split("`").map((piece, at) => (at % 2 ? h("code", {}, piece) : piece));
}
