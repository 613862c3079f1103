/** The form that a model's schema makes: what matters most first, the rest under "More". */

import {h} from "../ui.js";
import {fieldFor} from "./fields.js";
import {pictureField} from "./picture-field.js";
import {picturesField} from "./pictures-field.js";
import {fieldsOf} from "./schema.js";

const MAKERS = {picture: pictureField, mask: pictureField, pictures: picturesField};

/** `{first, beside, read(), write(input), complain(errors), prompt, pictures}`; `changed` is called with each edit. */
export function schemaForm(schema, changed) {
  const fields = fieldsOf(schema).map((spec) => (MAKERS[spec.kind] ?? fieldFor)(spec, changed));
  const at = (place) => fields.filter((each) => each.spec.place === place);
  const words = at("first").filter((each) => !each.isPicture);
  const pictures = fields.filter((each) => each.isPicture);
  const prompt = words.find((each) => each.name === "prompt" && each.spec.isRequired) ?? words.find((each) => each.spec.isRequired) ?? words[0] ?? null;
  prompt?.element.classList.add("main");
  pairMasks(pictures);

  return {
    fields, prompt, pictures,
    takesLines: Boolean(prompt) && prompt.name !== "lyrics",
    first: h("div", {class: "first"}, sorted(words, prompt).map(elementOf), pictures.length > 0 && h("div", {class: "pictures"}, pictures.map(elementOf))),
    beside: h("div", {class: "beside"}, at("beside").length > 0 && h("div", {class: "grid"}, at("beside").map(elementOf)), more(at("more"), !at("beside").length)),
    read: () => read(fields),
    write: (input) => fields.forEach((each) => each.write(input[each.name])),
    complain: (errors) => complain(fields, errors),
    hint: (errors) => hint(fields, errors),
    inherit: (before) => inherit({fields, prompt, pictures}, before),
  };
}

/** From the form of the model before, what has another name here: the prompt, and the pictures by their kind. */
function inherit({fields, prompt, pictures}, before) {
  const hasHome = fields.some((each) => each.name === before.prompt?.name);
  if (prompt && !hasHome && prompt.read() === undefined) prompt.write(before.prompt?.read());
  for (const isMask of [false, true]) {
    const [from, to] = [before.pictures, pictures].map((each) => each.find(({spec}) => (spec.kind === "mask") === isMask));
    if (from && to) to.adopt(from);
  }
}

const elementOf = (each) => each.element;
const sorted = (words, prompt) => [...words].sort((a, b) => (b === prompt) - (a === prompt));

function more(fields, isOpen) {
  if (!fields.length) return null;
  const grid = h("div", {class: "grid"}, fields.map(elementOf));
  return h("details", {class: "more", open: isOpen}, h("summary", {}, "More", h("span", {class: "soft"}, ` ${fields.map((each) => each.spec.label.toLowerCase()).slice(0, 2).join(", ")}${fields.length > 2 ? " …" : ""}`)), grid);
}

/** A mask belongs to the picture that it lies over, and is good for no other. */
function pairMasks(pictures) {
  const picture = pictures.find((each) => each.spec.kind !== "mask");
  const mask = pictures.find((each) => each.spec.kind === "mask");
  if (!picture || !mask) return;
  mask.liesOver(picture);
  picture.onreplaced((isGone) => isGone && mask.clear());
}

function read(fields) {
  const given = fields.map((each) => [each.name, each.read()]).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

/** Each at its field, the focus at the first; returns what belongs to none. */
function complain(fields, errors) {
  fields.forEach((each) => each.complain(""));
  const left = [], found = [];
  for (const {field, message} of errors) {
    const own = fieldOf(fields, field);
    if (!own) { left.push({field, message}); continue; }
    own.complain(sentence(message));
    own.element.closest("details")?.setAttribute("open", "");
    found.push(own);
  }
  const [first] = found.sort((a, b) => (a.element.compareDocumentPosition(b.element) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
  return {left, first};
}

/** While typing: what is wrong with what is there, nothing of what is still missing. */
function hint(fields, errors) {
  for (const {field, message} of errors) {
    const found = fieldOf(fields, field);
    if (found && found.read() !== undefined) found.complain(sentence(message));
  }
}

/** `predictions.3.input.prompt` is of the field `prompt`. */
function fieldOf(fields, path) {
  const name = path.replace(/^predictions\.\d+\./, "").replace(/^input\./, "").split(".")[0];
  return fields.find((each) => each.name === name);
}

/** "is required" as a sentence of its own. */
function sentence(message) {
  const whole = /^(is|must|has|needs|may|cannot|should|does)\b/.test(message) ? `This ${message}` : message;
  return whole.charAt(0).toUpperCase() + whole.slice(1) + (/[.!?]$/.test(whole) ? "" : ".");
}
