/** Waiting for what does not end by itself: node troubled.mjs MODULE BASE_URL. */

const [, , place, baseUrl] = process.argv;
const {Darkroom} = await import(place);
const darkroom = new Darkroom({baseUrl});
const order = {model: "truefusion-pro", input: {prompt: "slow"}};
const seen = {};

const slow = await darkroom.create(order);
seen.late = await darkroom.wait(slow, {timeout: 0.4}).catch((error) => ({code: error.code, status: error.prediction.status}));

// Each request but the third finds nobody: it is asked again, slower, until the prediction is final.
let asked = 0;
const shaky = new Darkroom({baseUrl, fetch: (...given) => (asked++ % 3 ? Promise.reject(new TypeError("away")) : fetch(...given))});
const waiting = shaky.wait(slow.id);
await darkroom.cancel(slow.id);
seen.canceled = (await waiting).status;
seen.asked = asked;
seen.failed = await darkroom.run({...order, input: {prompt: "gone"}}, {onChange: (told) => told.status === "canceled" || darkroom.cancel(told.id).catch(() => {})})
  .catch((error) => ({name: error.name, code: error.code, status: error.prediction.status}));

// A proxy that swallows streams: it is asked instead.
const dull = new Darkroom({baseUrl, fetch: (url, ...given) => fetch(String(url).replace("/events", "/nothing"), ...given)});
const last = [];
for await (const each of dull.events(slow.id)) last.push(each.status);
seen.withoutStreams = last;
console.log(JSON.stringify(seen));
