/** A field that takes several pictures: each in a tile of its own, and an empty one after the last. */

import {h} from "../ui.js";
import {pictureField} from "./picture-field.js";

const USUAL_MOST = 8;

export function picturesField(spec, changed) {
  const most = spec.most ?? USUAL_MOST;
  const tiles = h("div", {class: "pictures"});
  const problem = h("p", {class: "problem", hidden: true});
  const element = h("div", {class: "field several", role: "group", "aria-label": spec.label, "data-field": spec.name}, tiles, problem);
  const listeners = [];
  let fields = [];

  /** The filled ones, in their order, then one that waits; the focus is not lost with a tile that goes. */
  function tidy() {
    const first = fields[0].read();
    const filled = fields.filter((each) => !each.isEmpty());
    const waiting = fields.find((each) => each.isEmpty()) ?? add();
    const gone = fields.filter((each) => each.isEmpty() && each !== waiting);
    gone.forEach((each) => each.element.remove());
    fields = filled.length < most ? [...filled, waiting] : filled;
    if (filled.length >= most) waiting.element.remove();
    else tiles.append(waiting.element);
    problem.hidden = true;
    listeners.forEach((each) => each(fields[0].read() !== first));
    changed();
  }

  function add() {
    const label = `${spec.label} ${fields.length + 1}`;
    const made = pictureField({...spec, kind: "picture", label, isRequired: spec.isRequired && !fields.length}, () => queueMicrotask(tidy));
    fields.push(made);
    tiles.append(made.element);
    return made;
  }

  function write(values) {
    const wanted = values === undefined || values === null ? [] : [values].flat();
    fields.forEach((each) => each.element.remove());
    fields = [];
    wanted.slice(0, most).forEach((each) => add().write(each));
    if (fields.length < most) add();
  }

  add();
  return {
    name: spec.name, spec, element, isPicture: true, control: element,
    get fields() { return fields; },
    get picture() { return fields[0].picture; },
    read: () => { const values = fields.map((each) => each.read()).filter(Boolean); return values.length ? values : undefined; },
    write,
    complain: (words) => { problem.textContent = words; problem.hidden = !words; },
    take: (file) => (fields.find((each) => each.isEmpty()) ?? fields.at(-1)).take(file),
    clear: () => write([]),
    adopt: (other) => fields[0].adopt(other),
    shown: () => fields[0].shown(),
    isEmpty: () => fields.every((each) => each.isEmpty()),
    onreplaced: (listener) => listeners.push(listener),
  };
}
