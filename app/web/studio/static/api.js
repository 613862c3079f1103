/** The public API, as this page uses it: its own client module, and a word to the page when nobody is signed in. */

import {Away, Darkroom, Problem} from "./client.js";

export {Away, Problem};

/** What every request of this page carries besides its cookie. */
const headers = () => ({});

async function watched(...given) {
  const answer = await fetch(...given);
  if (answer.status === 401) document.dispatchEvent(new CustomEvent("dr-signed-out"));
  return answer;
}

/** Creates under keys of their own, uploads with progress, waits and events. */
export const darkroom = new Darkroom({baseUrl: location.origin, headers, fetch: watched});

export const call = (method, path, body, options) => darkroom.call(method, path, body, options);
export const get = (path, options) => call("GET", path, undefined, options);
export const post = (path, body, options) => call("POST", path, body, options);
export const remove = (path, options) => call("DELETE", path, undefined, options);
