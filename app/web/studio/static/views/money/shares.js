/** Who spent it on what, and whether the providers' books say the same. */

import {ago, h, money} from "../../ui.js";

const SHOWN = 8;

export function shares(title, what, found) {
  const most = Math.max(...found.map((each) => Number(each.captured)), 0) || 1;
  const rows = found.slice(0, SHOWN).map((each) => h("tr", {},
    h("th", {scope: "row", dir: "auto"}, each.label ?? each.name, strip(Number(each.captured) / most)),
    h("td", {}, money(each.captured)), h("td", {}, String(each.predictions))));
  return table(title, [what, "Captured", "Predictions"], rows, "Nothing was captured in these days.",
    found.length > SHOWN ? `and ${found.length - SHOWN} more, in \`darkroom costs\`` : "");
}

/** None to those who are not told of it. */
export function drift(found) {
  if (!found.length) return null;
  const rows = found.slice(-SHOWN).reverse().map((each) => h("tr", {},
    h("th", {scope: "row"}, each.provider, h("span", {class: "soft share-day"}, [each.day, ...strangers(each)].join(" · "))),
    h("td", {}, money(each.ours)), h("td", {}, money(each.theirs)),
    h("td", {}, verdict(each))));
  const looked = found.reduce((last, each) => each.compared_at > last ? each.compared_at : last, "");
  return table("Our books and theirs", ["Provider", "Ours", "Theirs", "Drift"], rows, "", `compared ${ago(looked)}`);
}

function verdict(each) {
  if (Number(each.difference) === 0 && !strangers(each).length) return h("span", {class: "good"}, "none");
  return h("span", {class: "warn"}, signed(each.difference));
}

function strangers(each) {
  const here = each.unknown_here && `${each.unknown_here} billed there alone`;
  return [here, each.unknown_there && `${each.unknown_there} booked here alone`].filter(Boolean);
}

function signed(amount) {
  return amount.startsWith("-") ? `−${money(amount.slice(1))}` : `+${money(amount)}`;
}

function strip(share) {
  const made = h("span", {class: "share-strip", "aria-hidden": "true"});
  made.style.setProperty("--part", String(share));
  return made;
}

function table(title, names, rows, empty, after) {
  const body = rows.length ? rows : [h("tr", {}, h("td", {class: "soft", colspan: String(names.length)}, empty))];
  return h("section", {class: "card", "aria-label": title}, h("h2", {}, title),
    h("table", {class: "shares"},
      h("thead", {}, h("tr", {}, names.map((name) => h("th", {scope: "col"}, name)))), h("tbody", {}, body)),
    after ? h("p", {class: "soft share-more"}, after.split("`").map((piece, at) => at % 2 ? h("code", {}, piece) : piece)) : null);
}
