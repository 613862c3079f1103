/** What `run` hands out where we are known by https: node replicate_outputs.mjs BASE_URL KEY. */
import Replicate from "replicate";

const [, , baseUrl, auth] = process.argv;
const replicate = new Replicate({auth, baseUrl});
const [output] = await replicate.run("skytells/truefusion-pro", {input: {prompt: "a red fox"}});
const blob = await output.blob();
console.log(JSON.stringify({url: String(output.url()), type: blob.type, bytes: blob.size}));
