/** The list as it is now: told by the live stream, looked at anyway, and calm while nobody answers. */

import {Away, get} from "../../api.js";

const OFTEN = 2000, SELDOM = 6000, LISTEN_AGAIN = 30_000;

export class Feed {
  #tell;
  #timer = null;
  #stream = null;
  #pages = [];
  #listenedAt = 0;
  #rejectedAreTold = true;
  #state = {deliveries: null, next: null, problem: null};

  constructor(tell) {
    this.#tell = tell;
  }

  start() {
    this.#listen();
    this.#turn();
    document.addEventListener("visibilitychange", this.#turn);
  }

  stop() {
    document.removeEventListener("visibilitychange", this.#turn);
    clearTimeout(this.#timer);
    this.#stream?.close();
    this.#stream = null;
    this.#timer = null;
  }

  /** A stream that was refused stays closed: it is tried anew after a while. */
  #listen() {
    this.#stream?.close();
    this.#listenedAt = Date.now();
    this.#stream = new EventSource("/api/live");
    this.#stream.addEventListener("delivery", () => this.look());
  }

  #turn = async () => {
    clearTimeout(this.#timer);
    if (!document.hidden) await this.look();
    if (this.#stream?.readyState === EventSource.CLOSED && Date.now() - this.#listenedAt > LISTEN_AGAIN) this.#listen();
    if (this.#stream) this.#timer = setTimeout(this.#turn, this.#stream.readyState === EventSource.OPEN ? SELDOM : OFTEN);
  };

  async look() {
    try {
      const [page, rejected] = await Promise.all([get("/api/deliveries?limit=50"), this.#rejected()]);
      const known = new Set(page.data.map((each) => each.id));
      const older = this.#pages.filter((each) => !known.has(each.id));
      const deliveries = [...page.data, ...older, ...rejected].sort((one, other) => (one.id < other.id ? 1 : -1));
      this.#state = {deliveries, next: this.#pages.length ? this.#state.next : page.next, problem: null, isLive: this.#stream?.readyState === EventSource.OPEN};
    } catch (problem) {
      this.#state = {...this.#state, problem: said(problem)};
    }
    this.#tell(this.#state);
  }

  async more() {
    const page = await get(`/api/deliveries?limit=50&cursor=${this.#state.next}`);
    this.#pages = [...this.#state.deliveries.filter((each) => each.verdict !== "rejected"), ...page.data];
    this.#state.next = page.next;
    await this.look();
  }

  /** In development alone; elsewhere it is 404, and not asked for again. */
  async #rejected() {
    if (!this.#rejectedAreTold) return [];
    try {
      return (await get("/api/deliveries/rejected")).data;
    } catch (problem) {
      if (problem.status !== 404) throw problem;
      this.#rejectedAreTold = false;
      return [];
    }
  }
}

function said(problem) {
  if (problem instanceof Away) return "The service does not answer. This page looks again by itself.";
  if (problem.status === 403) return "Deliveries are for keys with the scope admin.";
  return problem.message;
}
