/** A question before what cannot be undone. Escape, and the button that has the focus first, keep things as they are. */

import {h} from "../ui.js";

export function confirmed(question, words, yes) {
  const dialog = h("dialog", {class: "ask", "aria-labelledby": "ask-question"},
    h("form", {method: "dialog"},
      h("h2", {id: "ask-question"}, question),
      h("p", {dir: "auto"}, words),
      h("div", {class: "row"}, h("button", {value: "no"}, "Keep it"), h("button", {value: "yes", class: "primary"}, yes))));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => {
    resolve(dialog.returnValue === "yes");
    dialog.remove();
  }));
}
