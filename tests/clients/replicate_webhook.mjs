/** Does `validateWebhook` believe a delivery of ours? node replicate_webhook.mjs '{"headers": …, "body": …}' SECRET. */
import {validateWebhook} from "replicate";

const [, , delivery, secret] = process.argv;
const {headers, body} = JSON.parse(delivery);
const spoiled = body.replace("succeeded", "suceeded");
console.log(JSON.stringify({
  believed: await validateWebhook({headers, body}, secret),
  believedSpoiled: await validateWebhook({headers, body: spoiled}, secret),
}));
