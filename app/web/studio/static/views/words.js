/** Sentences in which `commands` stand between backticks: as code, and as text all the same. */

import {h} from "../ui.js";

export function worded(text) {
  return text.split("`").map((part, at) => (at % 2 ? h("code", {}, part) : part));
}
