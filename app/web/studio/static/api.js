/** The public API, as this page uses it: JSON in, JSON out, problems as errors. */

/** A refusal of ours: `code` is stable, `errors` name fields, `retryAfter` is seconds. */
export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || body?.title || `The service answered ${status}.`);
    this.name = "Problem";
    this.status = status;
    this.code = body?.code ?? "unknown";
    this.errors = body?.errors ?? [];
    this.retryAfter = body?.retry_after ?? null;
  }
}

/** Nobody answered: the service or the network is away. */
export class Away extends Error {}

export async function call(method, path, body, {headers = {}, signal} = {}) {
  const isForm = body instanceof FormData;
  const sent = body === undefined || isForm ? headers : {"content-type": "application/json", ...headers};
  let answer;
  try {
    answer = await fetch(path, {
      method, headers: sent, signal, credentials: "same-origin", cache: "no-store",
      body: body === undefined || isForm ? body : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Away("The service does not answer.");
  }
  const text = await answer.text();
  let data = null;
  try { data = text ? JSON.parse(text) : null; } catch { /* not ours: a proxy's page */ }
  if (answer.status === 401) document.dispatchEvent(new CustomEvent("dr-signed-out"));
  if (!answer.ok) throw new Problem(answer.status, data);
  return data;
}

export const get = (path, options) => call("GET", path, undefined, options);
export const post = (path, body, options) => call("POST", path, body, options);
export const remove = (path, options) => call("DELETE", path, undefined, options);
