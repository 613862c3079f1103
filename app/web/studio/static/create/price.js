/** What a run will cost, before it is run: as the service quotes it, else as its model list tells. */

import {Away, Problem, get, post} from "../api.js";

const SETTLED = 350;  // milliseconds after the last key
let canQuote = true;  // until it says 404: an older service

/** `told({price, count, isExact, remaining, fits, errors})` after each settled change; `price` is null while unknown. */
export class Price {
  constructor(told) {
    this.told = told;
    this.asked = null;
    this.timer = null;
  }

  /** `order` is what would be sent for one, `count` how many of it. The first answer is not kept waiting. */
  follow(order, model, count) {
    this.stop();
    this.timer = setTimeout(() => this.ask(order, model, count), this.asked ? SETTLED : 0);
  }

  stop() {
    clearTimeout(this.timer);
    this.asked?.abort();
  }

  async ask(order, model, count) {
    this.asked = new AbortController();
    const {signal} = this.asked;
    const found = await quoted(order, signal) ?? await guessed(order, model, signal);
    if (!signal.aborted) this.told({...found, count, price: times(found.price, count), fits: fits(found, count)});
  }
}

async function quoted(order, signal) {
  if (!canQuote) return null;
  try {
    const quote = await post("/api/quote", order, {signal});
    return {price: quote.price, remaining: quote.budget_remaining, adjusted: quote.adjusted, isExact: true, errors: []};
  } catch (error) {
    if (error instanceof Problem && [404, 405].includes(error.status)) canQuote = false;
    else if (error.status === 422 && !isIncomplete(error, order)) return {price: null, isExact: false, errors: error.errors};
    else if (!(error instanceof Away || error instanceof Problem || signal.aborted)) throw error;
    return null;
  }
}

/** Only what is still missing keeps it from being quoted. */
function isIncomplete({errors}, {input}) {
  return errors.length > 0 && errors.every(({field}) => field.startsWith("input.") && !(field.split(".")[1] in input));
}

const COUNTS = ["num_outputs", "num_images", "number_of_images", "n", "samples", "batch_size"];

/** One default request's price, by the number of outputs; inexact where size or steps move it. */
async function guessed({input}, model, signal) {
  const many = model.price?.unit === "image" ? Number(COUNTS.map((name) => input[name]).find((each) => each > 0) ?? 1) : 1;
  return {price: times(model.example_cost, many), remaining: await left(signal), isExact: false, errors: []};
}

async function left(signal) {
  try { return (await get("/api/costs", {signal})).budget_remaining; } catch { return null; }
}

const fits = ({price, remaining}, count) => price === null || remaining === null || remaining === undefined || compare(times(price, count), remaining) <= 0;

/** Decimal strings: floats have no place in money. */
export function times(price, count) {
  if (price === null || price === undefined || !Number.isInteger(count)) return price ?? null;
  const [digits, places] = split(price);
  return joined(digits * BigInt(count), places);
}

export function compare(one, other) {
  const [a, placesOfA] = split(one), [b, placesOfB] = split(other);
  const left = a * 10n ** BigInt(placesOfB), right = b * 10n ** BigInt(placesOfA);
  return left < right ? -1 : left > right ? 1 : 0;
}

function split(text) {
  const [whole, part = ""] = String(text).split(".");
  return [BigInt(whole + part), part.length];
}

function joined(digits, places) {
  const sign = digits < 0n ? "-" : "";
  const text = String(digits < 0n ? -digits : digits).padStart(places + 1, "0");
  return sign + (places ? `${text.slice(0, -places)}.${text.slice(-places)}` : text);
}
