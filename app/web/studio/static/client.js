/**
 * Darkroom for frontends: one file without dependencies, for browsers, Node 18 and later, and workers.
 *
 *   import {Darkroom} from "https://darkroom.example/client.js";
 *   const darkroom = new Darkroom({token});                         // the client_token that a create answered with
 *   const prediction = await darkroom.wait(id, {onChange: show});   // final: succeeded, failed or canceled
 *
 * A key (`dk_…`) can buy and belongs on servers; a token (`ct_…`) reads the one prediction that it came with.
 */

const FINAL = ["succeeded", "failed", "canceled"];
const HOLD_SECONDS = 30;
const SILENT_SECONDS = 45;  // the service speaks every 15; thrice that is a line that died unnoticed
const LONGEST_PAUSE = 10;

/** Every error of this module is one; `code` is stable and meant for programs. */
export class DarkroomError extends Error {
  constructor(message, code, options) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The service refused. `errors` name fields, `retryAfter` is seconds, `requestId` finds it in the service's log. */
export class Problem extends DarkroomError {
  constructor(status, body) {
    super(body?.detail || body?.title || `The service answered ${status}.`, body?.code ?? "unknown");
    this.status = status;
    this.errors = body?.errors ?? [];
    this.retryAfter = body?.retry_after ?? null;
    this.requestId = body?.request_id ?? null;
  }
}

/** Nobody answered: the service or the network is away. Whether a create was heard is unknown; its key makes it safe. */
export class Away extends DarkroomError {
  constructor(cause) { super("The service does not answer.", "away", {cause}); }
}

/** `run` ended without a result; `code` is the prediction's own, such as `content_filtered` or `canceled`. */
export class PredictionFailed extends DarkroomError {
  constructor(prediction) {
    super(prediction.error?.message ?? `The prediction was ${prediction.status}.`, prediction.error?.code ?? prediction.status);
    this.prediction = prediction;
  }
}

/** The time that `wait` was given is over; the prediction goes on, `prediction` is as it was last seen. */
export class TimedOut extends DarkroomError {
  constructor(prediction) {
    super("It has not ended in the time given.", "wait_timed_out");
    this.prediction = prediction;
  }
}

export const isFinal = (prediction) => FINAL.includes(prediction.status);

/** 36 characters by lot. `crypto.randomUUID` is missing on pages that came by plain http. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (each, at) => ([4, 6, 8, 10].includes(at) ? "-" : "") + each.toString(16).padStart(2, "0")).join("");
}

export class Darkroom {
  /** `baseUrl` left out is where this module came from; `headers` are sent with every request. */
  constructor({baseUrl, key, token, headers = () => ({}), fetch = globalThis.fetch} = {}) {
    this.baseUrl = (baseUrl ?? ownOrigin()).replace(/\/+$/, "");
    this.bearer = token ?? key ?? null;
    this.ownHeaders = headers;
    this.fetch = (...given) => fetch(...given);
  }

  // Buying. The same idempotency key is never bought twice, so that a create may be sent again when no answer came.
  create(order, options) { return this.buy("/api/predictions", order, options); }
  generate(form, options) { return this.buy("/api/generate", form, options); }
  batch(orders, options) { return this.buy("/api/batches", {predictions: orders}, options); }
  vary(id, wishes = {}, options) { return this.buy(`${at(id)}/variations`, wishes, options); }
  quote(order, options) { return this.call("POST", "/api/quote", order, options); }

  /** Created, waited for, and succeeded; throws PredictionFailed otherwise. */
  async run(order, options) {
    const prediction = await this.wait(await this.create(order, options), options);
    if (prediction.status !== "succeeded") throw new PredictionFailed(prediction);
    return prediction;
  }

  // Reading.
  get(id, options) { return this.call("GET", at(id), undefined, options); }
  list(filter = {}, options) { return this.call("GET", `/api/predictions${query(filter)}`, undefined, options); }
  models(filter = {}, options) { return this.call("GET", `/api/models${query(filter)}`, undefined, options); }
  receipt(id, options) { return this.call("GET", `${at(id)}/receipt`, undefined, options); }
  costs(options) { return this.call("GET", "/api/costs", undefined, options); }

  /** Every prediction, newest first, page by page as they are taken. */
  async *all(filter = {}, options) {
    let cursor;
    do {
      const page = await this.list({...filter, cursor}, options);
      yield* page.data;
      cursor = page.next;
    } while (cursor);
  }

  // Ending.
  cancel(id, options) { return this.call("POST", `${at(id)}/cancel`, undefined, options); }
  remove(id, options) { return this.call("DELETE", at(id), undefined, options); }

  /** The prediction once it is final. `timeout` is seconds; none waits for as long as it takes. */
  async wait(prediction, {onChange = () => {}, signal, timeout} = {}) {
    let now = typeof prediction === "string" ? null : prediction;
    const [both, disarm] = limited(signal, timeout);
    try {
      for await (now of this.polled(prediction, {signal: both})) onChange(now);
      return now;
    } catch (error) {
      throw both.aborted && !signal?.aborted ? new TimedOut(now) : error;
    } finally {
      disarm();
    }
  }

  /** Each change as it comes, the final one last: server-sent events, and asking where a proxy swallows those. */
  async *events(prediction, {signal} = {}) {
    const seen = {id: "0", isFinal: false};
    for (let failures = 0; failures < 2;) {
      try {
        for await (const told of this.streamed(prediction, seen, signal)) { failures = 0; yield told; }
        if (seen.isFinal) return;
        failures += 1;
      } catch (error) {
        if (signal?.aborted) throw error;
        if (error instanceof Problem && !isPassing(error)) break;  // asking will tell whether it is gone or no stream passes
        failures += 1;
      }
      await pause(failures, null, signal);
    }
    yield* this.polled(prediction, {signal});
  }

  /** Each change, by asking: held by the service where it can, with ETags, slower while nobody answers. */
  async *polled(prediction, {signal} = {}) {
    let tag = null;
    for (let troubles = 0; ;) {
      const asked = Date.now();
      try {
        const headers = tag ? {"If-None-Match": tag} : {};
        const hold = tag ? `?wait=${HOLD_SECONDS}` : "";
        const answer = await this.send("GET", at(prediction) + hold, undefined, {headers, signal});
        troubles = 0;
        if (answer.status !== 304) {
          tag = answer.headers.get("etag");
          yield answer.data;
          if (isFinal(answer.data)) return;
        }
        const held = tag && (answer.status !== 304 || Date.now() - asked > 500);
        if (!held) await pause(0, Number(answer.headers.get("retry-after")) || 1, signal);
      } catch (error) {
        if (signal?.aborted || !isPassing(error)) throw error;
        await pause(++troubles, error.retryAfter, signal);
      }
    }
  }

  /** A picture for `image` and the like. `onProgress` hears of 0 to 1 where the browser tells. */
  async upload(file, {onProgress, name = file.name ?? "picture", signal} = {}) {
    const form = new FormData();
    form.append("file", file, name);
    if (!onProgress || typeof XMLHttpRequest === "undefined") return this.call("POST", "/api/files", form, {signal});
    return this.sendSlowly("/api/files", form, onProgress, signal);
  }

  async call(method, path, body, options) { return (await this.send(method, path, body, options)).data; }

  /** One request: `{status, headers, data}`. Throws Problem and Away. */
  async send(method, path, body, {headers = {}, signal} = {}) {
    let answer, text;
    try {
      answer = await this.fetch(this.baseUrl + path, this.request(method, body, headers, signal));
      text = await answer.text();
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Away(error);
    }
    const data = parsed(text);
    if (!answer.ok && answer.status !== 304) throw refusal(answer.status, data);
    return {status: answer.status, headers: answer.headers, data};
  }

  async buy(path, body, {idempotencyKey = newKey(), wait, retries = 2, signal} = {}) {
    const headers = {"Idempotency-Key": idempotencyKey, ...(wait ? {Prefer: `wait=${wait}`} : {})};
    for (let tried = 1; ; tried += 1) {
      try {
        return await this.call("POST", path, body, {headers, signal});
      } catch (error) {
        const again = error instanceof Away || error.status === 503;
        if (signal?.aborted || !again || tried > retries) throw error;
        await pause(tried, null, signal);
      }
    }
  }

  async *streamed(prediction, seen, signal) {
    const headers = {Accept: "text/event-stream", "Last-Event-ID": seen.id};
    const [both, disarm, abort] = limited(signal);
    let silence;
    const heard = () => { clearTimeout(silence); silence = setTimeout(abort, SILENT_SECONDS * 1000); };
    try {
      heard();
      const answer = await this.fetch(`${this.baseUrl}${at(prediction)}/events`, this.request("GET", undefined, headers, both));
      if (answer.status === 204) { seen.isFinal = true; return; }
      if (!answer.ok) throw refusal(answer.status, parsed(await answer.text()));
      for await (const event of read(answer.body, heard)) {
        if (event.id) seen.id = event.id;
        if (event.type !== "prediction") continue;
        const told = JSON.parse(event.data);
        seen.isFinal = isFinal(told);
        yield told;
      }
    } finally {
      clearTimeout(silence);
      disarm();
      abort();
    }
  }

  request(method, body, headers, signal) {
    const isJson = body !== undefined && !(body instanceof FormData);
    return {
      method, signal, cache: "no-store", credentials: this.bearer ? "omit" : "same-origin",
      headers: {...(isJson ? {"Content-Type": "application/json"} : {}), ...this.alwaysSent(method), ...headers},
      body: isJson ? JSON.stringify(body) : body,
    };
  }

  alwaysSent(method) {
    return {...(this.bearer ? {Authorization: `Bearer ${this.bearer}`} : {}), ...this.ownHeaders(method)};
  }

  /** By XMLHttpRequest, since `fetch` does not tell how far an upload has come. */
  sendSlowly(path, body, onProgress, signal) {
    return new Promise((resolve, reject) => {
      const sending = new XMLHttpRequest();
      sending.open("POST", this.baseUrl + path);
      for (const [name, value] of Object.entries(this.alwaysSent("POST"))) sending.setRequestHeader(name, value);
      sending.upload.onprogress = (told) => onProgress(told.lengthComputable ? told.loaded / told.total : 0);
      sending.onerror = () => reject(new Away());
      sending.onabort = () => reject(signal?.reason ?? new Away());
      sending.onload = () => {
        const data = parsed(sending.responseText);
        if (sending.status >= 200 && sending.status < 300) resolve(data);
        else reject(refusal(sending.status, data));
      };
      signal?.addEventListener("abort", () => sending.abort(), {once: true});
      sending.send(body);
    });
  }
}

/** Server-sent events out of a stream of bytes (HTML, section 9.2.6). */
async function* read(stream, heard) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const {done, value} = await reader.read();
      if (done) return;
      heard();
      const blocks = (rest + value).split(/\r?\n\r?\n/);
      rest = blocks.pop();
      for (const block of blocks) yield event(block);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function event(block) {
  const told = {type: "message", data: "", id: ""};
  for (const line of block.split(/\r?\n/)) {
    const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name === "event") told.type = value;
    else if (name === "data") told.data += told.data ? `\n${value}` : value;
    else if (name === "id") told.id = value;
  }
  return told;
}

/** A proxy's page in place of an answer of ours says that the service is away. */
function refusal(status, data) {
  return [502, 503, 504].includes(status) && !data?.code ? new Away() : new Problem(status, data);
}

const isPassing = (error) => error instanceof Away || [429, 503].includes(error.status);

function parsed(text) {
  try { return text ? JSON.parse(text) : null; } catch { return null; }
}

function at(prediction) {
  return `/api/predictions/${encodeURIComponent(typeof prediction === "string" ? prediction : prediction.id)}`;
}

function query(filter) {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

function ownOrigin() {
  const own = new URL(import.meta.url);
  if (own.protocol.startsWith("http")) return own.origin;
  throw new DarkroomError("Say where the service is: new Darkroom({baseUrl}).", "no_base_url");
}

/** A signal that ends with the caller's, after `seconds`, or by hand; and how to let go of the first two. */
function limited(signal, seconds) {
  const control = new AbortController();
  const abort = () => control.abort(signal?.reason);
  const timer = seconds ? setTimeout(abort, seconds * 1000) : null;
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  return [control.signal, () => { clearTimeout(timer); signal?.removeEventListener("abort", abort); }, abort];
}

/** As long as was said, else longer with every trouble; by lot, so that clients do not return all at once. */
function pause(troubles, said, signal) {
  const seconds = said ?? Math.min(LONGEST_PAUSE, 0.25 * 2 ** troubles) * (0.75 + Math.random() / 2);
  return new Promise((resolve, reject) => {
    const stop = () => { clearTimeout(timer); reject(signal.reason); };
    const timer = setTimeout(() => { signal?.removeEventListener("abort", stop); resolve(); }, seconds * 1000);
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, {once: true});
  });
}
