/** The npm package `replicate`, unmodified, against our face: node replicate_face.mjs BASE_URL KEY PICTURE WEBHOOK. */
import {readFile} from "node:fs/promises";
import Replicate from "replicate";

const [, , baseUrl, auth, picture, webhook] = process.argv;
const replicate = new Replicate({auth, baseUrl});
const model = "skytells/truefusion-pro";
const input = {prompt: "a red fox"};
const seen = {};

const caught = (promise) =>
  promise.then(
    () => null,
    async (error) => ({name: error.name, status: error.response?.status, said: error.message}),
  );

const moments = [];
seen.ran = await replicate.run(model, {input: {...input, num_outputs: 2}}, (told) => moments.push(told.status));
seen.moments = moments;
seen.polled = await replicate.run(model, {input, wait: {mode: "poll", interval: 50}});

const found = await replicate.models.get("skytells", "truefusion-pro");
const version = found.latest_version.id;
seen.pinned = await replicate.run(`${model}:${version}`, {input});
seen.versions = (await replicate.models.versions.list("skytells", "truefusion-pro")).results.map((each) => each.id);
seen.version = (await replicate.models.versions.get("skytells", "truefusion-pro", version)).id;
seen.models = (await replicate.models.list()).results.map((each) => `${each.owner}/${each.name}`);
seen.searched = (await replicate.models.search("video")).results.map((each) => each.name);

const created = await replicate.predictions.create({model, input, webhook, webhook_events_filter: ["completed"]});
seen.created = created.status;
seen.waited = (await replicate.wait(created, {interval: 50})).status;
seen.got = (await replicate.predictions.get(created.id)).output.length;
seen.byVersion = (await replicate.predictions.create({version, input, wait: 10})).status;
seen.canceledLate = (await replicate.predictions.cancel(created.id)).status;
seen.listed = (await replicate.predictions.list()).results.length;
seen.paginated = [];
for await (const page of replicate.paginate(replicate.predictions.list)) seen.paginated.push(page.length);

seen.streamed = [];
for await (const event of replicate.stream(model, {input})) seen.streamed.push([event.event, String(event)]);

const bytes = await readFile(picture);
const sent = await replicate.files.create(bytes, {by: "ann"});
seen.sent = sent;
seen.file = (await replicate.files.get(sent.id)).id;
seen.files = (await replicate.files.list()).results.length;
seen.deleted = await replicate.files.delete(sent.id);
seen.worked = await replicate.run("skytells/truefusion-2.0", {input: {...input, image: bytes}});
seen.uploaded = (await replicate.files.list()).results.length;
seen.noPicture = await caught(replicate.run("skytells/truefusion-2.0", {input: {...input, image: Buffer.from("text")}}));

seen.secret = (await replicate.webhooks.default.secret.get()).key;
seen.account = (await replicate.accounts.current()).username;
seen.hardware = await replicate.hardware.list();

seen.misfit = await caught(replicate.run(model, {input: {...input, width: 1}}));
seen.unknown = await caught(replicate.run("nobody/nothing", {input}));
seen.wrongKey = await caught(new Replicate({auth: "dk_wrong", baseUrl}).predictions.list());
const leaky = new Replicate({auth, baseUrl, fileEncodingStrategy: "data-uri"});
seen.leaky = await caught(leaky.run(model, {input}));
seen.collections = await caught(replicate.collections.list());
console.log(JSON.stringify(seen));
