/** The square of a card: a shimmer, then the blurred hash, then the small picture; or in words why there is none. */

import {h} from "../ui.js";
import {Ring} from "./ring.js";
import {painted} from "./thumbhash.js";
import {isFinal, short, title, trouble} from "./words.js";

const MOST_TILES = 4;

export class Frame {
  #shown = "";
  element = h("div", {class: "shot-frame"});
  ring = new Ring();

  /** `show(at)` opens an output in full. Rebuilt only where its content changed, so that nothing flickers or stops playing. */
  update(prediction, show) {
    const content = JSON.stringify([prediction.pending, isFinal(prediction), prediction.error, prediction.files]);
    if (content === this.#shown) return;
    this.#shown = content;
    this.element.replaceChildren(...parts(prediction, show), this.ring.element);
  }
}

function parts(prediction, show) {
  const files = prediction.files ?? [];
  if (prediction.error && !files.some((file) => file.url)) return [sorry(prediction.error)];
  if (files.length) return [tiles(prediction, files, show)];
  if (prediction.status === "canceled") return [h("div", {class: "shot-empty soft"}, "Canceled before there was a picture.")];
  if (prediction.data !== null && prediction.data !== undefined) return [h("p", {class: "shot-data", dir: "auto", tabIndex: 0}, short(told(prediction.data), 600))];
  return isFinal(prediction) ? [h("div", {class: "shot-empty soft"}, "There is nothing to show.")] : [h("div", {class: "shimmer"})];
}

/** Models that write give their text in pieces. */
function told(data) {
  if (typeof data === "string") return data;
  const isText = Array.isArray(data) && data.every((each) => typeof each === "string");
  return isText ? data.join("") : JSON.stringify(data, null, 1);
}

function sorry(error) {
  const [what, next] = trouble(error);
  return h("div", {class: "shot-sorry"},
    h("strong", {}, what),
    plain(error.message) !== plain(what) && h("p", {dir: "auto", class: "shot-said"}, short(error.message, 240)),
    h("p", {}, next));
}

/** What the provider said is left out where it says no more than we do. */
const plain = (text) => String(text).replace(/\W/g, "").toLowerCase();

function tiles(prediction, files, show) {
  const some = files.slice(0, MOST_TILES), more = files.length - some.length;
  return h("div", {class: `shot-tiles of${some.length}`}, some.map((file, at) =>
    h("div", {class: "shot-tile"}, tile(prediction, file, at, show), at === MOST_TILES - 1 && more > 0 && h("span", {class: "shot-more"}, `+${more}`))));
}

function tile(prediction, file, at, show) {
  if (file.state === "quarantined") return h("div", {class: "shot-empty soft"}, "Hidden by whoever runs this service.");
  if (file.state === "lost") return h("div", {class: "shot-empty bad"}, "✕ This output was lost.");
  if (!file.url) return h("div", {class: "shimmer"});
  const kind = (file.content_type ?? "").split("/")[0];
  if (kind === "video") return h("video", {src: file.url, controls: true, preload: "metadata", playsinline: true, "aria-label": short(title(prediction))});
  if (kind === "audio") return h("div", {class: "shot-tune"}, h("span", {"aria-hidden": "true"}, "♪"), h("audio", {src: file.url, controls: true, preload: "metadata", "aria-label": short(title(prediction))}));
  return picture(prediction, file, at, show);
}

function picture(prediction, file, at, show) {
  const words = short(title(prediction), 180);
  const image = h("img", {
    src: file.thumbnail_url ?? file.url, alt: words, dir: "auto", loading: "lazy", decoding: "async", draggable: "false",
    onload: () => image.classList.add("here"),
    onerror: () => button.replaceWith(h("div", {class: "shot-empty bad"}, h("span", {}, "✕ This picture cannot be shown."), h("a", {href: file.url, target: "_blank", rel: "noopener"}, "Open the file"))),
  });
  const button = h("button", {class: "shot-picture", type: "button", "aria-label": `Show in full: ${words}`, onclick: () => show(at)},
    file.thumbhash && painted(file.thumbhash), image);
  return button;
}
