/** Creates over a line that drops: node replicate_retries.mjs BASE_URL KEY CALL, where CALL is create or run. */
import Replicate from "replicate";

const [, , baseUrl, auth, call] = process.argv;
const replicate = new Replicate({auth, baseUrl});
const order = {input: {prompt: "a red fox"}};
const model = "skytells/truefusion-pro";
const made = call === "run" ? replicate.run(model, order) : replicate.predictions.create({model, ...order});
console.log(JSON.stringify(await made.then((told) => ({told}), (error) => ({error: error.message}))));
