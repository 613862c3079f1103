/** "Copy as code": this very request in three languages, to be read before it is copied. */

import {h} from "../ui.js";
import {LANGUAGES} from "./code-text.js";

const COPIED = 2000;
let last = "curl";

export function openCode(path, body) {
  const names = Object.keys(LANGUAGES);
  const code = h("code", {});
  const pre = h("pre", {id: "code-text", role: "tabpanel", tabindex: "0", "aria-labelledby": "code-tab-curl"}, code);
  const tabs = names.map((name) => h("button", {type: "button", role: "tab", id: `code-tab-${name}`, "aria-controls": "code-text", onclick: () => show(name)}, name));
  const copy = h("button", {type: "button", class: "primary", onclick: () => copied(copy, pre)}, "Copy");
  const close = h("button", {type: "button", onclick: () => dialog.close()}, "Close");
  const dialog = h("dialog", {class: "code-dialog", "aria-labelledby": "code-title", onclose: () => dialog.remove()},
    h("header", {class: "row"}, h("h2", {id: "code-title"}, "This request as code"), h("div", {class: "tabs", role: "tablist", "aria-label": "Language", onkeydown: turn}, tabs)),
    pre,
    h("p", {class: "soft help"}, "Your key is read from $DARKROOM_KEY and never written here. Uploads (file_…) last a day after their last use."),
    h("footer", {class: "row"}, close, copy));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

  function show(name) {
    last = name;
    code.textContent = LANGUAGES[name](location.origin, path, body);
    pre.setAttribute("aria-labelledby", `code-tab-${name}`);
    tabs.forEach((tab, at) => {
      tab.setAttribute("aria-selected", String(names[at] === name));
      tab.tabIndex = names[at] === name ? 0 : -1;
    });
  }

  function turn(event) {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (!step) return;
    const at = (names.indexOf(last) + step + names.length) % names.length;
    show(names[at]);
    tabs[at].focus();
  }

  show(last);
  document.body.append(dialog);
  dialog.showModal();
  copy.focus();
}

/** The clipboard is closed to pages that came by plain http; selecting by hand is not. */
async function copied(button, pre) {
  const isDone = await write(pre.textContent) || byHand(pre);
  button.textContent = isDone ? "Copied ✓" : "Press Ctrl+C";
  setTimeout(() => { button.textContent = "Copy"; }, COPIED);
}

async function write(text) {
  try { await navigator.clipboard.writeText(text); return true; } catch { return false; }
}

function byHand(pre) {
  getSelection().selectAllChildren(pre);
  return document.execCommand("copy");
}
