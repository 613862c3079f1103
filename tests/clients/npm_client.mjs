// One life of a prediction through the npm package `skytells`, unmodified. Prints what it saw as JSON.
import { createClient } from 'skytells';

const [baseUrl, key] = process.argv.slice(2);
const client = createClient(key, { baseUrl });
const order = { model: 'truefusion-pro', input: { prompt: 'a red fox' } };

const caught = async (promise) => promise.then(() => null, (error) => ({ id: error.errorId, status: error.httpStatus }));

const finished = async (id) => {
  for (const end = Date.now() + 20_000; Date.now() < end; await new Promise((done) => setTimeout(done, 20))) {
    const prediction = await client.getPrediction(id);
    if (['succeeded', 'failed', 'cancelled'].includes(prediction.status)) return prediction;
  }
  throw new Error('it did not finish');
};

const models = await client.listModels();
const created = await client.predict(order);
const awaited = await client.predict({ ...order, await: true });
const ended = await finished(created.id);
const streamed = await client.streamPrediction(created.id);
const deleted = await client.deletePrediction(created.id);
const doomed = await client.predict({ model: 'truefusion-video', input: { prompt: 'a sea' } });
const cancelled = await client.cancelPrediction(doomed.id);

console.log(JSON.stringify({
  models: models.map((model) => model.namespace),
  created, awaited, ended, streamed, deleted, cancelled,
  gone: await caught(client.getPrediction(created.id)),
  unknownModel: await caught(client.predict({ ...order, model: 'nobody' })),
  wrongKey: await caught(createClient('sk-other', { baseUrl }).listModels()),
}));
