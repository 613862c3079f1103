/** The timeline drawn to scale. What it shows stands in words in the list below it. */

import {h} from "../ui.js";
import {drawn, lasted, ticks} from "./spans.js";

/** Of the axis, about; where a number would leave it; and what nothing can be read on. */
const LETTER = 0.0135, LAST = 0.94, HATCHED = ["held", "open"];

export function chart(receipt, now) {
  const {end, lanes} = drawn(receipt, now);
  const share = (time) => `${Math.min(100, time / end * 100).toFixed(3)}%`;
  return h("div", {class: "life", role: "img", "aria-label": `Timeline of ${lasted(end)}; the same in words below`},
    lanes.map((lane) => h("div", {class: "life-lane"}, h("span", {class: "life-name"}, lane.name), h("div", {class: "life-marks"}, lane.marks.map((mark) => bar(mark, share, end))))),
    h("div", {class: "life-lane life-axis"}, h("span"), h("div", {class: "life-marks"}, ticks(end).map((time) =>
      placed(h("span", {class: time / end > LAST ? "life-tick last" : "life-tick"}, short(time)), share(time), "0%")))));
}

function bar(mark, share, end) {
  const isPoint = mark.to === mark.from, long = lasted(mark.to - mark.from);
  const words = isPoint ? `${mark.words}, at ${lasted(mark.from)}` : `${mark.words}, ${long}`;
  const label = [`${mark.words} ${long}`, mark.words].find((text) => text.length * LETTER * (innerWidth < 768 ? 2.2 : 1) < (mark.to - mark.from) / end);
  return placed(h("span", {class: `${isPoint ? "life-point" : "life-bar"} tone-${mark.tone}`, title: words}, HATCHED.includes(mark.tone) ? null : label), share(mark.from), share(mark.to - mark.from));
}

function placed(element, from, size) {
  element.style.setProperty("--from", from);
  element.style.setProperty("--size", size);
  return element;
}

const short = (time) => time === 0 ? "0" : time < 1 ? `${Math.round(time * 1000)} ms` : time < 120 ? `${+time.toFixed(1)} s` : `${+(time / 60).toFixed(1)} min`;
