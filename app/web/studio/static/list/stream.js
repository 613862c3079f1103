/** `GET /api/live`: one stream while the page is looked at. A hidden page holds none, since a browser has few to give. */

const SHORTEST = 3_000, LONGEST = 60_000;

export class Stream {
  #source = null;
  #timer = 0;
  #pause = SHORTEST;
  isOpen = false;

  /** `hear` gets each prediction, `forget` the id of each that is gone; `changed` is called when the stream opens, greets, or breaks. */
  constructor({hear, forget, changed}) {
    this.hear = hear;
    this.forget = forget;
    this.changed = changed;
  }

  open() {
    this.close();
    if (document.hidden || typeof EventSource === "undefined") return;
    this.#source = new EventSource("/api/live");
    this.#source.addEventListener("open", () => { this.#pause = SHORTEST; this.#turn(true); });
    this.#source.addEventListener("hello", () => this.#turn(true));
    this.#source.addEventListener("error", () => this.#broke());
    this.#source.addEventListener("prediction", (event) => this.#heard(event, this.hear));
    this.#source.addEventListener("deleted", (event) => this.#heard(event, ({id}) => this.forget(id)));
  }

  close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
    this.isOpen = false;
  }

  /** What merely broke comes back by itself; what was refused is tried again, ever more seldom. */
  #broke() {
    if (this.#source?.readyState === EventSource.CLOSED) {
      this.#timer = setTimeout(() => this.open(), this.#pause);
      this.#pause = Math.min(this.#pause * 2, LONGEST);
    }
    this.#turn(false);
  }

  #turn(isOpen) {
    this.isOpen = isOpen;
    this.changed(isOpen);
  }

  #heard(event, tell) {
    try { tell(JSON.parse(event.data)); } catch { /* half a line of a stream that is breaking */ }
  }
}
