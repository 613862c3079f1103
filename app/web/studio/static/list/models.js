/** What `GET /api/models` knows of the models in the list: how long their outputs live, how long they take, what they can. */

import {get} from "../api.js";

const AGAIN_AFTER = 60_000;
let found = new Map(), asked = null, until = 0;

const key = (provider, model) => `${provider} ${model}`;

/** Asked once a minute at most; without an answer everything else still works. */
export function loadModels() {
  if (asked && Date.now() < until) return asked;
  until = Date.now() + AGAIN_AFTER;
  asked = get("/api/models").then(({data}) => {
    found = new Map(data.map((each) => [key(each.provider, each.model), each]));
    return data;
  }, () => { until = 0; return [...found.values()]; });
  return asked;
}

const of = (prediction) => found.get(key(prediction.provider, prediction.model));

export const kindOf = (prediction) => of(prediction)?.kind ?? "image";
export const usualSeconds = (prediction) => of(prediction)?.usual_seconds || null;
export const canVary = (prediction) => of(prediction)?.operations.includes("variations") ?? false;
export const lifetime = (prediction) => of(prediction)?.output_lifetime ?? null;

/** When the provider deletes what it made, in milliseconds; null before it has finished. */
export function expiry(prediction) {
  const seconds = lifetime(prediction);
  return prediction.reported_at && seconds ? Date.parse(prediction.reported_at) + seconds * 1000 : null;
}
