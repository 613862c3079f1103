/** A picture in full, over everything; arrows go through the outputs. */

import {bytes, h} from "../ui.js";
import {short, title} from "./words.js";

export function view(prediction, at) {
  const files = prediction.files.filter((file) => file.url);
  let now = Math.max(0, files.indexOf(prediction.files[at]));
  const stage = h("div", {class: "viewer-stage"}), facts = h("p", {class: "soft"});
  const turn = (by) => { now = (now + by + files.length) % files.length; draw(); };
  const draw = () => {
    const file = files[now];
    stage.replaceChildren(shown(prediction, file));
    facts.textContent = [files.length > 1 && `${now + 1} of ${files.length}`, file.width && `${file.width} × ${file.height}`, file.content_type, file.bytes && bytes(file.bytes)].filter(Boolean).join(" · ");
  };
  const dialog = h("dialog", {class: "viewer", "aria-label": short(title(prediction)), onclose: () => dialog.remove(),
    onclick: (event) => { if (event.target === dialog || event.target === stage) dialog.close(); },
    onkeydown: (event) => { if (event.key === "ArrowRight") turn(1); if (event.key === "ArrowLeft") turn(-1); }},
    stage,
    h("div", {class: "row viewer-under"}, facts,
      files.length > 1 && [h("button", {type: "button", onclick: () => turn(-1)}, "← Before"), h("button", {type: "button", onclick: () => turn(1)}, "Next →")],
      h("button", {type: "button", onclick: () => dialog.close()}, "Close")));
  draw();
  document.body.append(dialog);
  dialog.showModal();
}

function shown(prediction, file) {
  if (file.content_type?.startsWith("video/")) return h("video", {src: file.url, controls: true});
  const image = h("img", {src: file.url, alt: short(title(prediction), 300), dir: "auto",
    onerror: () => image.replaceWith(h("p", {}, "This picture cannot be shown. Its file may still be downloaded."))});
  return image;
}
