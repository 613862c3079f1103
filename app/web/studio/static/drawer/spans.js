/** A receipt's timeline as spans and points on one axis of seconds since the create: what the picture is drawn from. */

const STAGES = {submitting: "Sending", waiting: "Waiting there", running: "Running", storing: "Storing", canceling: "Canceling"};

/** `{end, lanes: [{name, marks: [{from, to, tone, words}]}]}`; a point has the same `from` and `to`. */
export function drawn({prediction, timeline}, now = Date.now()) {
  const start = Date.parse(prediction.created_at), at = (entry) => Math.max(0, (Date.parse(entry.at) - start) / 1000);
  const isOver = Boolean(prediction.completed_at), last = timeline.length ? Math.max(...timeline.map(at)) : 0;
  const end = Math.max(0.1, last, isOver ? 0 : (now - start) / 1000);
  const lanes = [
    {name: "Stage", marks: stages(timeline, at, end, prediction)},
    {name: "Calls", marks: calls(timeline, at, end)},
    {name: "Deliveries", marks: deliveries(timeline, at)},
    ...apart("Transfers", transfers(timeline, at)),
    {name: "Money", marks: money(timeline, at, end)},
  ];
  return {end, lanes: lanes.filter((lane) => lane.marks.length)};
}

function stages(timeline, at, end, prediction) {
  const changes = timeline.filter((entry) => entry.kind === "changed");
  const steps = [{from: 0, stage: "queued"}, ...changes.map((entry) => ({from: at(entry), stage: entry.detail.stage}))];
  return steps.filter((step) => step.stage !== "done").map((step) => {
    const next = steps.find((other) => other.from > step.from);
    const to = next?.from ?? (prediction.completed_at ? (Date.parse(prediction.completed_at) - Date.parse(prediction.created_at)) / 1000 : end);
    return mark(step.from, Math.max(step.from, to), step.stage, STAGES[step.stage] ?? "Queued");
  });
}

/** From the asking to its answer; a look took the seconds before it was noted. */
function calls(timeline, at, end) {
  const found = [];
  for (const entry of timeline) {
    const time = at(entry);
    if (entry.kind === "asked") found.push(mark(time, end, "open", "Asked, without an answer yet"));
    if (entry.kind === "answered") {
      const open = found.findLast((each) => each.tone === "open");
      if (open) Object.assign(open, mark(open.from, time, "call", `Create: ${entry.detail.outcome}`));
      else found.push(mark(time - (entry.detail.seconds ?? 0), time, "call", `Create: ${entry.detail.outcome}`));
    }
    if (entry.kind === "looked") found.push(mark(Math.max(0, time - (entry.detail.seconds ?? 0)), time, "look", `Looked: ${entry.detail.outcome}`));
    if (entry.kind === "cancel") found.push(mark(time, time, "cancel", `Cancel ${entry.detail.outcome ?? ""}`));
    if (entry.kind === "fell_back") found.push(mark(time, time, "cancel", "Fell back to another model"));
  }
  return found;
}

function deliveries(timeline, at) {
  return timeline.filter((entry) => entry.kind === "delivery").map((entry) =>
    mark(at(entry), at(entry), entry.detail.state === "failed" ? "bad" : "delivery", `Delivery: ${entry.detail.state}`));
}

function transfers(timeline, at) {
  return timeline.filter((entry) => entry.kind === "transfer").map((entry) => {
    const to = at(entry), isStored = entry.detail.outcome === "stored";
    return mark(Math.max(0, to - (entry.detail.seconds ?? 0)), to, isStored ? "good" : "bad", `Output ${entry.detail.position + 1}: ${entry.detail.outcome}`);
  });
}

function money(timeline, at, end) {
  const held = timeline.find((entry) => entry.kind === "hold"), ended = timeline.find((entry) => entry.kind === "capture" || entry.kind === "release");
  const found = held ? [mark(at(held), ended ? at(ended) : end, "held", `$${held.detail.usd} held`)] : [];
  if (ended) found.push(mark(at(ended), at(ended), ended.kind === "capture" ? "good" : "delivery", ended.kind === "capture" ? `$${ended.detail.usd} captured` : "Released"));
  return found;
}

/** "22 ms", "1.3 s", "2 min 5 s": a tenth of a second is long here. */
export function lasted(time) {
  if (time < 0.995) return `${Math.round(time * 1000)} ms`;
  return time < 120 ? `${time < 10 ? time.toFixed(1) : Math.round(time)} s` : `${Math.floor(time / 60)} min ${Math.round(time % 60)} s`;
}

/** What goes on at the same time stands below each other, each in the first lane that is free; the first lane has the name. */
function apart(name, marks) {
  const lanes = [];
  for (const each of marks.toSorted((one, other) => one.from - other.from)) {
    const free = lanes.find((lane) => lane.at(-1).to <= each.from);
    if (free) free.push(each);
    else lanes.push([each]);
  }
  return lanes.map((lane, at) => ({name: at ? "" : name, marks: lane}));
}

const mark = (from, to, tone, words) => ({from, to, tone, words});

/** Round steps for the axis, about five of them. */
export function ticks(end) {
  const rough = end / 5, size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((by) => by * size).find((each) => each >= rough);
  return Array.from({length: Math.floor(end / step + 1e-9) + 1}, (_, at) => at * step);
}
