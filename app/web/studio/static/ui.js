/** Small tools that every view uses: elements, words, numbers, times. Text is always text, never markup. */

/** An element: `h("button", {class: "primary", onclick: save}, "Save")`. Children are nodes, texts, arrays or nothing. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && typeof value !== "string") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** USD as the API gives it ("0.030000"), short: "$0.03"; never rounded away to nothing. */
export function money(text) {
  if (text === null || text === undefined) return "–";
  const [whole, part = ""] = String(text).split(".");
  return `$${whole}.${part.replace(/0+$/, "").padEnd(2, "0")}`;
}

export function bytes(count) {
  const units = ["B", "kB", "MB", "GB"];
  let size = count, at = 0;
  while (size >= 1000 && at < units.length - 1) { size /= 1000; at += 1; }
  return `${at ? size.toFixed(1) : size} ${units[at]}`;
}

export function seconds(value) {
  return value === null || value === undefined ? "–" : value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`;
}

/** "just now", "4 min ago", then a date; with the exact time as title where it is shown. */
export function ago(time, now = Date.now()) {
  const past = (now - new Date(time).getTime()) / 1000;
  if (past < 10) return "just now";
  if (past < 60) return `${Math.round(past)} s ago`;
  if (past < 3600) return `${Math.round(past / 60)} min ago`;
  if (past < 86400) return `${Math.round(past / 3600)} h ago`;
  return DATES.format(new Date(time));
}

/** Made once: to make it is dear, and a list says hundreds of times when. */
const DATES = new Intl.DateTimeFormat(undefined, {dateStyle: "medium"});

/** A passing word at the page's edge. */
export function toast(text, kind = "") {
  document.querySelector("dr-toasts")?.append(h("p", {class: `toast ${kind}`, role: "status"}, text));
}
