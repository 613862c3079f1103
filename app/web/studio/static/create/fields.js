/** One field of the form: its label, its control, what is wrong with it. Empty means that the model's default holds. */

import {h} from "../ui.js";

let made = 0;
const LARGEST_SEED = 2 ** 31 - 1;

/** What every field has: `{element, control, read(), write(value), complain(text)}`. */
export function fieldFor(spec, changed) {
  const id = `field-${++made}`;
  const [control, shown = control, way = {}] = (CONTROLS[spec.kind] ?? text)(spec, id, changed);
  const problem = h("p", {class: "problem", id: `${id}-problem`, hidden: true});
  const help = spec.help && h("p", {class: "help", id: `${id}-help`, dir: "auto"}, spec.help);
  control.setAttribute("aria-describedby", `${help ? `${id}-help ` : ""}${id}-problem`);
  if (spec.isRequired) control.setAttribute("aria-required", "true");
  control.addEventListener("input", () => { complain(""); changed(); });
  const label = h("label", {for: id, title: spec.name, dir: "auto"}, spec.label, limits(spec));
  const element = h("div", {class: `field ${spec.kind}`, "data-field": spec.name}, label, shown, help, problem);

  function complain(words) {
    problem.textContent = words;
    problem.hidden = !words;
    control.toggleAttribute("aria-invalid", Boolean(words));
    if (words) control.setAttribute("aria-invalid", "true");
  }
  const read = way.read ?? (() => control.value.trim() === "" ? undefined : control.value);
  const write = way.write ?? ((value) => { control.value = value ?? ""; });
  return {name: spec.name, spec, element, control, read, write, complain};
}

const CONTROLS = {long, text, choice, number, count: number, seed, switch: toggle, json};

function limits({minimum, maximum, kind}) {
  if (!["number", "count"].includes(kind) || minimum === null || maximum === null) return null;
  return h("span", {class: "limits"}, `${minimum}–${maximum}`);
}

const hint = (spec) => spec.default === null || spec.default === "" ? "" : shortened(spec.default);
const shortened = (value) => (typeof value === "string" ? value : JSON.stringify(value)).slice(0, 200);

function text(spec, id) {
  return [h("input", {id, type: "text", dir: "auto", autocomplete: "off", placeholder: hint(spec), maxlength: spec.longest && String(spec.longest)})];
}

function long(spec, id) {
  const isFirst = spec.place === "first";
  const placeholder = hint(spec) || (isFirst ? "What should be seen?" : "");
  const area = h("textarea", {id, rows: isFirst ? "4" : "2", dir: "auto", placeholder, maxlength: spec.longest && String(spec.longest)});
  return [area];
}

function choice(spec, id) {
  const unsaid = spec.isRequired ? "Choose …" : spec.default === null ? "As the model likes" : `${shortened(spec.default)} (usual)`;
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  const isUsual = (each) => !spec.isRequired && spec.default !== null && same(each, spec.default);
  const others = spec.choices.map((each, at) => !isUsual(each) && h("option", {value: String(at), dir: "auto"}, shortened(each)));
  const select = h("select", {id}, h("option", {value: ""}, unsaid), others);
  const find = (value) => spec.choices.findIndex((each) => same(each, value) && !isUsual(each));
  return [select, select, {
    read: () => select.value === "" ? undefined : spec.choices[Number(select.value)],
    write: (value) => { const at = find(value); select.value = at < 0 ? "" : String(at); },
  }];
}

/** What is no number goes out as it was typed, so that the service says so. */
function readNumber(input) {
  const typed = input.value.trim();
  return typed === "" ? undefined : Number.isFinite(Number(typed)) ? Number(typed) : typed;
}

function number(spec, id) {
  const bounds = {min: bound(spec.minimum), max: bound(spec.maximum)};
  const step = spec.types.has("number") ? "any" : "1";
  const input = h("input", {id, type: "number", inputmode: "decimal", step, placeholder: hint(spec), ...bounds});
  return [input, input, {read: () => readNumber(input)}];
}

const bound = (value) => value === null ? null : String(value);

function seed(spec, id, changed) {
  const input = h("input", {id, type: "number", inputmode: "numeric", step: "1", placeholder: "by lot", min: bound(spec.minimum), max: bound(spec.maximum)});
  const roll = () => { input.value = String(Math.floor(Math.random() * Math.min(LARGEST_SEED, spec.maximum ?? LARGEST_SEED))); changed(); };
  const dice = h("button", {type: "button", class: "dice", "aria-label": "Roll a seed", title: "Roll a seed", onclick: roll}, "⚄");
  return [input, h("div", {class: "with-button"}, input, dice), {read: () => readNumber(input), roll}];
}

function toggle(spec, id) {
  const box = h("input", {id, type: "checkbox", role: "switch", checked: spec.default === true});
  const usual = spec.default === true;
  return [box, box, {
    read: () => box.checked === usual && !spec.isRequired ? undefined : box.checked,
    write: (value) => { box.checked = value ?? usual; },
  }];
}

function json(spec, id) {
  const area = h("textarea", {id, rows: "2", class: "mono", spellcheck: "false", placeholder: hint(spec) || (spec.types.has("array") ? "[…]" : "{…}")});
  const read = () => {
    const typed = area.value.trim();
    if (!typed) return undefined;
    try { return JSON.parse(typed); } catch { return typed; }
  };
  return [area, area, {read, write: (value) => { area.value = value === undefined || value === null ? "" : JSON.stringify(value); }}];
}
