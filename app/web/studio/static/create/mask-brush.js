/** Marking what shall change: a brush over the picture, for mouse, finger, pen and keys. */

import {h} from "../ui.js";
import {draw, marksAnything, maskOf} from "./strokes.js";

const COLOUR = "#ff3b30";
const LONGEST_SHOWN = 1400;
const HOW = "Arrow keys move the brush, Space paints, E erases, [ and ] change its size, Ctrl+Z takes back.";

/** `{blob, strokes}` of what was marked over `picture`, or null if it was left. */
export function openBrush(picture, strokes) {
  return new Promise((resolve) => new Brush(picture, strokes, resolve));
}

class Brush {
  constructor(picture, strokes, done) {
    const {width, height} = picture;
    Object.assign(this, {width, height, done, strokes: [...strokes], erases: false, at: [width / 2, height / 2]});
    this.build(picture);
    this.listen();
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.canvas.focus();
    this.redraw();
  }

  build({url}) {
    const scale = LONGEST_SHOWN / Math.max(this.width, this.height);
    const sides = {width: Math.round(this.width * scale), height: Math.round(this.height * scale)};
    this.canvas = h("canvas", {...sides, tabindex: 0, role: "application", "aria-label": "Mask over the picture", "aria-describedby": "brush-how"});
    this.cursor = h("span", {class: "cursor", "aria-hidden": "true"});
    const most = Math.round(Math.min(this.width, this.height) / 2);
    this.size = h("input", {type: "range", min: "4", max: String(Math.max(8, most)), value: String(Math.max(6, Math.round(most / 5))), id: "brush-size", oninput: () => this.moveCursor()});
    this.eraser = h("button", {type: "button", "aria-pressed": "false", onclick: () => this.turn()}, "Erase");
    this.undo = h("button", {type: "button", onclick: () => this.takeBack()}, "Undo");
    this.clear = h("button", {type: "button", onclick: () => { this.strokes = []; this.redraw(); }}, "Clear");
    this.use = h("button", {type: "button", class: "primary", onclick: () => this.finish()}, "Use mask");
    this.problem = h("p", {class: "problem", role: "status"});
    const leave = h("button", {type: "button", onclick: () => this.dialog.close()}, "Cancel");
    this.stage = h("div", {class: "stage"}, h("img", {src: url, alt: "", draggable: "false"}), this.canvas, this.cursor);
    this.stage.style.setProperty("--ratio", `${this.width} / ${this.height}`);
    this.stage.style.setProperty("--tall", String(this.width / this.height));
    this.dialog = h("dialog", {class: "brush-dialog", "aria-labelledby": "brush-title"},
      h("header", {class: "row"}, h("h2", {id: "brush-title"}, "Brush over what shall change"),
        h("div", {class: "row tools"}, h("label", {for: "brush-size"}, "Size"), this.size, this.eraser, this.undo, this.clear)),
      this.stage, h("p", {id: "brush-how", class: "soft help"}, HOW), this.problem,
      h("footer", {class: "row"}, leave, this.use));
  }

  listen() {
    const {canvas, dialog} = this;
    canvas.addEventListener("pointerdown", (event) => { if (event.button === 0) { canvas.setPointerCapture(event.pointerId); this.begin(this.placeOf(event)); } });
    canvas.addEventListener("pointermove", (event) => this.follow(event));
    canvas.addEventListener("pointerup", () => this.end());
    canvas.addEventListener("pointercancel", () => this.end());
    canvas.addEventListener("keydown", (event) => this.key(event));
    dialog.addEventListener("keydown", (event) => { if ((event.ctrlKey || event.metaKey) && event.key === "z") { event.preventDefault(); this.takeBack(); } });
    dialog.addEventListener("close", () => { dialog.remove(); this.done(this.result ?? null); });
  }

  placeOf(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * this.width / box.width, (event.clientY - box.top) * this.height / box.height];
  }

  follow(event) {
    this.at = this.placeOf(event);
    this.moveCursor();
    if (!this.current) return;
    const seen = event.getCoalescedEvents?.() ?? [];
    for (const each of seen.length ? seen : [event]) this.current.points.push(this.placeOf(each));
    this.redraw();
  }

  begin(point) {
    this.current = {size: Number(this.size.value), erases: this.erases, points: [point]};
    this.strokes.push(this.current);
    this.redraw();
  }

  end() { this.current = null; }

  key(event) {
    const step = Math.max(1, Number(this.size.value) / 2);
    const ways = {ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step]};
    if (ways[event.key]) this.walk(ways[event.key]);
    else if (event.key === " ") { if (!event.repeat) this.begin([...this.at]); this.end(); }
    else if (event.key === "[") this.resize(0.8);
    else if (event.key === "]") this.resize(1.25);
    else if (event.key === "e") this.turn();
    else return;
    event.preventDefault();
  }

  walk([x, y]) {
    this.at = [Math.min(this.width, Math.max(0, this.at[0] + x)), Math.min(this.height, Math.max(0, this.at[1] + y))];
    this.moveCursor();
  }

  resize(times) {
    this.size.value = String(Number(this.size.value) * times);
    this.moveCursor();
  }

  turn() {
    this.erases = !this.erases;
    this.eraser.setAttribute("aria-pressed", String(this.erases));
  }

  takeBack() {
    this.strokes.pop();
    this.redraw();
  }

  redraw() {
    draw(this.canvas, this.strokes, this.width, COLOUR);
    this.undo.disabled = this.clear.disabled = !this.strokes.length;
    this.use.disabled = !marksAnything(this.strokes);
    this.moveCursor();
  }

  moveCursor() {
    const {style} = this.cursor;
    style.setProperty("--x", `${100 * this.at[0] / this.width}%`);
    style.setProperty("--y", `${100 * this.at[1] / this.height}%`);
    style.setProperty("--size", `${100 * Number(this.size.value) / this.width}%`);
  }

  async finish() {
    try {
      this.result = {blob: await maskOf(this.strokes, this.width, this.height), strokes: this.strokes};
      this.dialog.close();
    } catch {
      this.problem.textContent = "This picture is too large for this browser to make a mask of; upload one instead.";
    }
  }
}
