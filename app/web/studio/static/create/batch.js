/** Many prompts at once: a line each, admitted together or not at all. */

export const MOST = 100;

export function linesOf(text) {
  return text.split(/\r?\n/).map((each) => each.trim()).filter(Boolean);
}

/** The creates of a batch: the same input, with each line as its prompt. */
export function ordersOf(order, promptName) {
  return linesOf(String(order.input[promptName] ?? "")).map((line) => ({...order, input: {...order.input, [promptName]: line}}));
}

/** What keeps these lines from being a batch, in words; nothing where they are one. */
export function troubleWith(lines) {
  if (!lines.length) return "Write one prompt a line.";
  return lines.length > MOST ? `These are ${lines.length} prompts; ${MOST} is the most at once.` : "";
}
