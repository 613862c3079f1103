/** The words and signs for what a prediction is, the same everywhere in the studio. */

/** Sign, word, tone. Never colour alone. */
const STAGES = {
  pending: ["○", "Asking", ""],
  queued: ["○", "Queued", ""],
  submitting: ["◔", "Sending", ""],
  waiting: ["◔", "Waiting its turn", ""],
  running: ["◑", "Running", ""],
  storing: ["◕", "Storing", "warn"],
  canceling: ["⊘", "Canceling", "warn"],
};
const ENDS = {succeeded: ["✓", "Done", "good"], failed: ["✕", "Failed", "bad"], canceled: ["⊘", "Canceled", ""]};

export const isFinal = (prediction) => prediction.status in ENDS;
export const state = (prediction) => ENDS[prediction.status] ?? STAGES[prediction.stage] ?? ["○", prediction.status, ""];
export const states = Object.entries({starting: "Starting", processing: "Processing", succeeded: "Done", failed: "Failed", canceled: "Canceled"});

/** What happened, and what to do next: one row for every code that a prediction can end with. */
const TROUBLES = {
  rejected: ["The provider refused it", "Change what it asks for, or try another model."],
  content_filtered: ["Its moderation refused it", "Word the prompt differently."],
  provider_failed: ["The provider failed to make it", "Run it again; if it fails again, try another model."],
  provider_unreachable: ["The provider could not be reached", "Nothing was bought. Run it again in a minute."],
  timed_out: ["The provider did not finish in time", "Run it again, or try a faster model."],
  output_lost: ["It was made, and gone before it could be fetched", "Run it again. The receipt tells of every attempt."],
  output_rejected: ["What came back is not safe to keep", "Run it again, or try another model. The receipt says what it was."],
  purchase_unknown: ["Nobody can tell whether it was bought", "Look into your account at the provider before you run it again."],
};

export function trouble(error) {
  return TROUBLES[error.code] ?? ["It failed", "The receipt tells what happened."];
}

/** What it is called by: its prompt, or what it works on. */
export function title(prediction) {
  const {prompt, text, image} = prediction.input ?? {};
  for (const found of [prompt, text]) if (typeof found === "string" && found.trim()) return found;
  return image ? "A picture, worked on" : "Without a prompt";
}

/** Short enough for a label; whole letters, so that nothing is cut in the middle of one. */
export function short(text, most = 120) {
  const letters = Array.from(String(text).replace(/\s+/g, " ").trim());
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : letters.join("");
}
