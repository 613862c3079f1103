/** The official npm verifier on what was sent: one line of JSON in, the verdicts out. */

import {Webhook} from "standardwebhooks";

const {secrets, body, headers} = JSON.parse(process.argv[2]);
const verdicts = secrets.map((secret) => {
  try {
    return new Webhook(secret).verify(body, headers).type;
  } catch (error) {
    return error.name;
  }
});
console.log(JSON.stringify(verdicts));
