/** What a model's JSON Schema says of its fields, as a form needs it; read leniently, the service has the last word. */

const DEEPEST = 6;
const FIRST = ["prompt", "lyrics", "text"];
const SHAPES = ["aspect_ratio", "size", "image_size", "width", "height", "resolution", "duration", "duration_seconds"];
const COUNTS = ["num_outputs", "num_images", "number_of_images", "n", "samples", "batch_size"];
const MASK = /(^|_)mask(_|$)/;
const PICTURE = /(^|_)(images?|pictures?|photos?|frame)(_|$)/;
const NO_PICTURE = /size|format|count|num|strength|number|width|height|ratio|quality|prompt$/;
const LONG = /prompt|lyrics|text|description/;

/** Fields in the model's own order. `kind` is the control that suits; `place` is `first`, `beside` or `more`. */
export function fieldsOf(schema = {}) {
  const required = Array.isArray(schema.required) ? schema.required : [];
  const named = Object.entries(schema.properties ?? {}).filter(([, own]) => own && typeof own === "object");
  const made = named.map(([name, own], at) => field(name, own, schema, required.includes(name), at));
  return made.length ? made.sort((a, b) => a.order - b.order) : [field("prompt", {type: "string"}, {}, true, 0)];
}

function field(name, own, root, isRequired, at) {
  const parts = [...partsOf(own, root)];
  const first = (word) => parts.find((part) => part[word] !== undefined)?.[word];
  const numbers = (word) => parts.map((part) => part[word]).filter((each) => typeof each === "number");
  const types = new Set(parts.flatMap((part) => part.type ?? []));
  const made = {
    name, isRequired, types,
    label: labelled(name),
    help: first("description") ?? "",
    choices: parts.flatMap((part) => (Array.isArray(part.enum) ? part.enum : "const" in part ? [part.const] : [])),
    minimum: numbers("minimum").length ? Math.max(...numbers("minimum")) : null,
    maximum: numbers("maximum").length ? Math.min(...numbers("maximum")) : null,
    longest: numbers("maxLength").length ? Math.min(...numbers("maxLength")) : null,
    most: numbers("maxItems").length ? Math.min(...numbers("maxItems")) : null,
    default: first("default") ?? null,
    order: typeof own["x-order"] === "number" ? own["x-order"] : at,
  };
  made.kind = kindOf(made);
  made.place = placeOf(made);
  return made;
}

/** The schema itself, what it refers to, and each of its alternatives. */
function* partsOf(schema, root, depth = 0) {
  if (!schema || typeof schema !== "object" || depth > DEEPEST) return;
  yield schema;
  if (typeof schema.$ref === "string") yield* partsOf(pointed(root, schema.$ref), root, depth + 1);
  for (const word of ["allOf", "anyOf", "oneOf"]) {
    for (const inner of schema[word] ?? []) yield* partsOf(inner, root, depth + 1);
  }
}

function pointed(root, target) {
  if (!target.startsWith("#/")) return null;
  return target.slice(2).split("/").reduce((found, step) => found?.[step], root);
}

function kindOf({name, types, choices}) {
  if (choices.length) return "choice";
  if (types.has("boolean")) return "switch";
  if (name === "seed") return "seed";
  if (types.has("integer") || types.has("number")) return COUNTS.includes(name) ? "count" : "number";
  const mayBePicture = !types.size || types.has("string") || types.has("array");
  if (mayBePicture && MASK.test(name) && !NO_PICTURE.test(name)) return "mask";
  if (mayBePicture && PICTURE.test(name) && !NO_PICTURE.test(name)) return types.has("array") && !types.has("string") ? "pictures" : "picture";
  if (types.has("array") || types.has("object")) return "json";
  return LONG.test(name) ? "long" : "text";
}

function placeOf({name, kind, isRequired}) {
  if (kind === "mask" || kind.startsWith("picture") || FIRST.includes(name)) return "first";
  if (isRequired && kind === "long") return "first";
  return isRequired || kind === "count" || SHAPES.includes(name) ? "beside" : "more";
}

function labelled(name) {
  const words = name.replaceAll("_", " ").replace(/^(num|number of) /, "").trim() || name;
  return words.charAt(0).toUpperCase() + words.slice(1);
}
