/** The module as a server would use it, against a real house: node module.mjs MODULE BASE_URL PICTURE. */

import {readFile} from "node:fs/promises";

const [, , place, baseUrl, picture] = process.argv;
const {Away, Darkroom, PredictionFailed, Problem, TimedOut, isFinal, newKey} = await import(place);
const darkroom = new Darkroom({baseUrl});
const model = "truefusion-pro";
const caught = (promise) => promise.then(() => null, (error) => ({name: error.name, code: error.code, status: error.status, errors: error.errors}));
const collected = async (generator) => { const all = []; for await (const each of generator) all.push(each); return all; };
const seen = {};

const key = newKey();
const created = await darkroom.create({model, input: {prompt: "a red fox"}}, {idempotencyKey: key});
seen.created = created;
seen.again = (await darkroom.create({model, input: {prompt: "a red fox"}}, {idempotencyKey: key})).id;
const changes = [];
seen.waited = await darkroom.wait(created, {onChange: (told) => changes.push(told.status)});
seen.changes = changes;
seen.streamed = (await collected(darkroom.events(created.id))).map((each) => each.status);
seen.ran = (await darkroom.run({model, input: {prompt: "a hare"}})).output;
seen.generated = (await darkroom.generate({prompt: "a form", num_outputs: 2}, {wait: 20})).output;
seen.batch = (await darkroom.batch(["a", "b"].map((prompt) => ({model, input: {prompt}})))).predictions.length;

const reader = new Darkroom({baseUrl, token: created.client_token});
seen.byToken = (await reader.wait(created.id)).status;
seen.streamedByToken = (await collected(reader.events(created.id))).length;
seen.notByToken = await caught(reader.list());

const uploaded = await darkroom.upload(new Blob([await readFile(picture)], {type: "image/png"}), {name: "fox.png"});
seen.uploaded = uploaded;
seen.changed = (await darkroom.run({model: "truefusion-2.0", input: {prompt: "in snow", image: uploaded.id}})).status;

seen.refused = await caught(darkroom.create({model, input: {prompt: "a", width: 7}}));
seen.unknown = await caught(darkroom.get("00000000-0000-0000-0000-000000000000"));
seen.away = await caught(new Darkroom({baseUrl: "http://127.0.0.1:9"}).create({model, input: {prompt: "a"}}, {retries: 1}));
seen.wrongKey = await caught(new Darkroom({baseUrl, key: "dk_wrong"}).list());

seen.page = (await darkroom.list({limit: 2})).data.length;
seen.all = (await collected(darkroom.all({limit: 2}))).length;
const stopped = new AbortController();
stopped.abort(new Error("enough"));
seen.aborted = await darkroom.wait(created.id, {signal: stopped.signal}).then(() => "", (error) => error.message);
seen.removed = (await darkroom.remove(created.id)).id ?? created.id;
seen.types = [Away, PredictionFailed, Problem, TimedOut].map((each) => each.name);
seen.isFinal = [isFinal({status: "failed"}), isFinal({status: "processing"})];
console.log(JSON.stringify(seen));
