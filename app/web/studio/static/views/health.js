/** Health: able to work or not, what has to read zero, what the doctor finds; and in development the emulator's faults. */

import {Away, get} from "../api.js";
import {h} from "../ui.js";
import {chaos} from "./health/chaos.js";
import {findings} from "./health/findings.js";
import {flow} from "./health/flow.js";
import {readiness} from "./health/readiness.js";
import {zeros} from "./health/zeros.js";
import {worded} from "./words.js";

const LOOK_EVERY = 4000;

customElements.define("dr-health", class extends HTMLElement {
  #timer = null;
  #examined = null;

  connectedCallback() {
    this.notice = h("p", {class: "notice", role: "status", hidden: true});
    this.ready = h("div", {class: "ready"});
    this.zeros = h("div", {class: "zeros", "aria-busy": "true"});
    this.flow = h("div", {class: "flow"});
    this.findings = h("ul", {class: "finding-list"});
    this.look = h("button", {type: "button", onclick: () => this.#examine()}, "Look at everything now");
    this.chaos = chaos();
    this.replaceChildren(
      h("header", {class: "top"}, h("div", {}, h("h1", {}, "Health"), h("p", {class: "soft"}, "What has to read zero, and does it?")), this.look),
      this.notice, this.ready,
      h("section", {"aria-label": "What has to read zero"}, this.zeros),
      h("section", {class: "halves"},
        h("div", {class: "card"}, h("h2", {}, "Right now"), this.flow),
        h("div", {class: "card"}, h("h2", {}, "The doctor"), this.findings)),
      this.chaos);
    zeros(this.zeros, null);
    readiness(this.ready, null);
    flow(this.flow, null);
    findings(this.findings, null);
    this.#turn();
    document.addEventListener("visibilitychange", this.#turn);
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#turn);
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #turn = async () => {
    clearTimeout(this.#timer);
    if (!document.hidden) await this.#refresh();
    if (this.isConnected) this.#timer = setTimeout(this.#turn, LOOK_EVERY);
  };

  async #refresh() {
    try {
      const [ready, details] = await Promise.all([readyNow(), get("/api/health/details")]);
      readiness(this.ready, ready);
      this.#show(details);
      this.#say(null);
    } catch (problem) {
      this.#say(problem);
    }
  }

  #show(details) {
    zeros(this.zeros, withBalances(details.zeros, this.#examined), {check: () => this.#examine()});
    flow(this.flow, details);
    if (details.environment === "development") this.chaos.wake();
  }

  /** Costs more, and lets the ledger stand still for a moment: only when somebody asks. */
  async #examine() {
    this.look.disabled = true;
    try {
      const details = await get("/api/health/details?full=true");
      this.#examined = details;
      this.#show(details);
      findings(this.findings, details.findings);
      this.#say(null);
    } catch (problem) {
      this.#say(problem);
    }
    this.look.disabled = false;
  }

  #say(problem) {
    this.notice.hidden = !problem;
    if (!problem) return;
    if (problem instanceof Away) {
      readiness(this.ready, {status: "away", checks: {}});
      this.notice.replaceChildren(...worded("The service does not answer. This page looks again by itself; `./scripts/up` starts it."));
    } else {
      this.notice.textContent = problem.status === 403 ? "These figures are for keys with the scope admin." : problem.message;
    }
  }
});

/** Its 503 is an answer too. */
async function readyNow() {
  const answer = await fetch("/health/ready", {cache: "no-store"}).catch(() => {
    throw new Away("The service does not answer.");
  });
  return answer.json();
}

function withBalances(found, examined) {
  const known = examined?.zeros.find((each) => each.name === "wrong_balances");
  return found.map((each) => (each.name === "wrong_balances" && each.value === null && known ? known : each));
}
