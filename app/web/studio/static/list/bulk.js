/** What can be done with all that are chosen: a bar at the window's edge, and one word about how it went. */

import {h, toast} from "../ui.js";
import {possible, single} from "./actions.js";
import {confirmed} from "./confirm.js";

const AT_ONCE = 4;
const BULK = [["download", "Download", "downloaded"], ["publish", "Publish", "published"], ["cancel", "Cancel", "canceled, or asked to stop"], ["delete", "Delete…", "deleted"]];

export class Bulk {
  #isBusy = false;
  #shown = "";

  /** `items()` are those that are shown, in their order. */
  constructor(selection, items, feed) {
    this.selection = selection;
    this.items = items;
    this.feed = feed;
    this.said = h("p", {class: "bulk-said", role: "status"});
    this.buttons = h("div", {class: "row", role: "group", "aria-label": "With those that are selected"});
    this.element = h("section", {class: "bulk", "aria-label": "Selected predictions", hidden: true}, this.said, this.buttons);
    selection.addEventListener("change", () => this.draw());
  }

  draw() {
    if (this.#isBusy) return;
    const chosen = this.#chosen(), offered = BULK.map(([name, label]) => [name, label, able(name, chosen).length]), all = selectable(this.items()).length;
    const shown = JSON.stringify([chosen.length, offered, all]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const had = this.element.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    this.element.hidden = !chosen.length;
    this.said.textContent = chosen.length ? `${chosen.length.toLocaleString()} selected` : "";
    this.buttons.replaceChildren(...offered.filter(([, , count]) => count).map(([name, label, count]) => this.#button(name, count < chosen.length ? `${label} (${count})` : label, () => this.#run(name))),
      chosen.length < all && this.#button("all", `Select all ${all.toLocaleString()} shown`, () => this.selection.only(selectable(this.items()).map(({id}) => id))),
      this.#button("none", "Clear", () => this.selection.clear()));
    if (had) (this.buttons.querySelector(`[data-act="${had}"]`) ?? this.buttons.lastChild).focus();
  }

  #button(name, label, onclick) {
    return h("button", {type: "button", class: "quiet", "data-act": name, onclick}, label);
  }

  #chosen() { return this.items().filter((each) => this.selection.has(each.id)); }

  async #run(name) {
    const chosen = able(name, this.#chosen()), done = BULK.find(([each]) => each === name)[2];
    if (name === "delete" && !await sure(chosen)) return;
    this.#busy(true);
    const failed = await each(chosen, (prediction) => single[name](prediction, this.feed()), (count) => { this.said.textContent = `${count} of ${chosen.length} …`; });
    this.#busy(false);
    if (name === "download") this.draw();
    else this.selection.only(failed.map(([prediction]) => prediction.id));
    const count = chosen.length - failed.length;
    toast(failed.length ? `${count} of ${chosen.length} ${done}. The others: ${failed[0][1].message}` : `${count} ${done}.`, failed.length ? "bad" : "");
    document.querySelector(".shot[tabindex='0']")?.focus({preventScroll: true});
  }

  #busy(isBusy) {
    this.#isBusy = isBusy;
    this.#shown = "";
    for (const button of this.buttons.children) button.disabled = isBusy;
  }
}

/** What is only asked for yet can be done nothing with. */
export const selectable = (items) => items.filter((each) => !each.pending);

const able = (name, items) => items.filter((each) => possible(each).some((action) => action.name === name));

function sure(chosen) {
  const words = "The records, their prompts, files and deliveries go for good. What they cost stays on the books.";
  return confirmed(chosen.length === 1 ? "Delete this prediction?" : `Delete ${chosen.length.toLocaleString()} predictions?`, words, "Delete for good");
}

/** A few at once; `[prediction, error]` of those that were refused. */
async function each(predictions, act, tell) {
  const left = [...predictions], failed = [];
  const worker = async () => {
    for (let prediction = left.shift(); prediction; prediction = left.shift()) {
      try { await act(prediction); } catch (error) { failed.push([prediction, error]); }
      tell(predictions.length - left.length);
    }
  };
  await Promise.all(Array.from({length: AT_ONCE}, worker));
  return failed;
}
