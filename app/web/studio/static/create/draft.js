/** What was chosen and typed, kept for the next visit; a browser that keeps nothing is fine too. */

const NAME = "darkroom.create";

export function recall() {
  try { return JSON.parse(localStorage.getItem(NAME)) ?? {}; } catch { return {}; }
}

export function keep(draft) {
  try { localStorage.setItem(NAME, JSON.stringify(draft)); } catch { /* full, or not allowed */ }
}
