/** Something to begin with, by what the model can do. */

const SCENES = [
  ["A fox in snow", "A red fox asleep in fresh snow, low winter sun, long blue shadows, 85 mm, shallow depth of field"],
  ["Still life", "Three lemons and a cracked blue bowl on linen, window light from the left, Dutch still life, quiet colours"],
  ["Night train", "An empty night train crossing a viaduct, warm windows, wet slate roofs below, gouache on rough paper"],
  ["Product shot", "A matte black espresso cup on pale travertine, soft studio light, faint steam, space for text on the right"],
  ["Woodcut", "A lighthouse in a storm, two-colour woodcut, bold lines, off-register red and black ink on cream paper"],
  ["Portrait", "Portrait of an old clockmaker at his bench, loupe raised, brass dust in the air, Rembrandt light, medium format"],
];
const CHANGES = [
  ["In winter", "The same place in deep winter, fresh snow, breath in the air, light of late afternoon"],
  ["As watercolour", "A loose watercolour of this, wet edges, visible paper, few colours"],
  ["By night", "The same scene by night, lit by one warm street lamp, soft rain"],
  ["As a plan", "A clean architect's line drawing of this, thin black ink, no shading"],
];
const REPAINTS = [
  ["Take it away", "Nothing here: the background simply goes on, same light and grain"],
  ["A red door", "A weathered red door with a brass knocker"],
  ["Wild flowers", "A dense bunch of wild flowers, poppies and cornflowers, same light"],
];
const FILMS = [
  ["Slow tide", "Waves running up black sand in slow motion, seen from above, foam drawing lines, overcast"],
  ["Paper city", "A city of folded paper rises from a desk, stop motion, warm lamp, gentle camera move"],
  ["Fox", "A red fox trots through fresh snow towards the camera and stops, breath visible, handheld"],
];
const SONGS = [
  ["Late tram", "The last tram hums along the river, we count the lights until they end"],
  ["Small kitchen", "Rain on the window, kettle on low, nowhere to be and nowhere to go"],
];

/** `[title, prompt]` pairs for a model, by the pictures that are given. */
export function examplesFor({kind, operations}, {image = false, mask = false} = {}) {
  if (kind === "video") return FILMS;
  if (kind === "music" || kind === "audio") return SONGS;
  if (mask) return REPAINTS;
  if (image || !operations.includes("generate")) return operations.includes("img2img") ? CHANGES : operations.includes("inpaint") ? REPAINTS : [];
  return SCENES;
}
