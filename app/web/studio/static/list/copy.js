/** Text onto the clipboard, also where the page came over plain http and the browser offers none. */

import {toast} from "../ui.js";

export async function copy(text, words) {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else byHand(text);
    toast(words);
  } catch {
    toast(`The browser does not let it be copied: ${text}`, "bad");
  }
}

function byHand(text) {
  const field = Object.assign(document.createElement("textarea"), {value: text, className: "visually-hidden"});
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("not copied");
}
