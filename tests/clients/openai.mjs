// The calls of the npm package `openai`, unmodified, that a server of ours can answer. Prints what it saw as JSON.
import OpenAI, { toFile } from 'openai';
import { readFile } from 'node:fs/promises';

const [baseURL, apiKey, picture, mask] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey });

const file = async (path) => toFile(await readFile(path), path, { type: 'image/png' });
const caught = async (promise) => promise.then(() => null, (error) => ({
  name: error.constructor.name, status: error.status, code: error.code, type: error.type, param: error.param,
}));
const events = async (promise) => {
  const seen = [];
  for await (const event of await promise) seen.push({ type: event.type, bytes: event.b64_json.length });
  return seen;
};

const models = [];
for await (const model of client.models.list()) models.push(model.id);
const generated = await client.images.generate({ prompt: 'a red fox', n: 2, size: '512x512' });
const edited = await client.images.edit({
  model: 'truefusion-2.0', image: await file(picture), mask: await file(mask), prompt: 'a hat', response_format: 'url',
});
const varied = await client.images.createVariation({
  image: await toFile(Buffer.from(generated.data[0].b64_json, 'base64'), 'fox.png', { type: 'image/png' }),
});
const poor = new OpenAI({ baseURL, apiKey: 'sk-other' });

console.log(JSON.stringify({
  models,
  one: await client.models.retrieve('skytells/truefusion-pro'),
  generated: generated.data.map((each) => ({ url: each.url, start: each.b64_json.slice(0, 6) })),
  edited: edited.data, varied: varied.data.length,
  streamed: await events(client.images.generate({ prompt: 'a fox', stream: true, partial_images: 1 })),
  editedInStream: await events(client.images.edit({ image: [await file(picture)], prompt: 'a hat', stream: true })),
  unknown: await caught(client.images.generate({ prompt: 'a fox', model: 'dall-e-3' })),
  unfit: await caught(client.images.generate({ prompt: 'a fox', n: 5 })),
  refused: await caught(client.images.generate({ prompt: 'a lolicon drawing' })),
  twoPictures: await caught(client.images.edit({
    model: 'truefusion-2.0', image: [await file(picture), await file(picture)], prompt: 'a hat',
  })),
  wrongKey: await caught(poor.models.list()),
}));
