/** The inside of the drawer: how it stands, the timeline drawn and told, requests and answers as they were. */

import {ago, bytes, h, money} from "../ui.js";
import {state, trouble} from "../list/words.js";
import {chart} from "./chart.js";
import {exchanges} from "./exchanges.js";
import {lasted} from "./spans.js";
import {sentence} from "./sentences.js";

export function receiptView(receipt, {copyLink}) {
  const {prediction} = receipt;
  return h("div", {class: "receipt"},
    summary(prediction),
    h("div", {class: "row"},
      h("button", {type: "button", "data-act": "link", onclick: copyLink}, "Copy a link"),
      h("button", {type: "button", "data-act": "export", onclick: () => save(receipt)}, "Export JSON")),
    prediction.error && sorry(prediction.error),
    adjusted(prediction),
    h("section", {}, h("h3", {}, "Timeline"), chart(receipt)),
    h("section", {}, h("h3", {}, "What happened"), told(receipt)),
    files(prediction),
    exchanges(receipt),
    h("section", {}, h("h3", {}, "Your own call"),
      raw("request", "What you sent", requestOf(prediction)),
      raw("answer", "What you get", prediction)));
}

function summary(prediction) {
  const [sign, word, tone] = state(prediction), {cost, metrics} = prediction;
  const paid = cost.captured ? `${money(cost.captured)} paid` : cost.held ? `${money(cost.held)} held` : "not charged";
  const facts = [["State", h("span", {class: `shot-state ${tone}`}, h("span", {"aria-hidden": "true"}, `${sign} `), word)],
    ["Model", `${prediction.model} at ${prediction.provider}`], ["Money", paid],
    ["Took", took(metrics)],
    ["Created", h("time", {datetime: prediction.created_at, title: prediction.created_at}, ago(prediction.created_at))],
    ["Id", h("code", {}, prediction.id)]];
  return h("dl", {class: "receipt-summary"}, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function took({total_time: total, predict_time: there, store_time: storing}) {
  const parts = [there !== null && `${lasted(there)} at the provider`, storing !== null && `${lasted(storing)} to store`].filter(Boolean);
  return total === null ? "not over yet" : `${lasted(total)}${parts.length ? `: ${parts.join(", ")}` : ""}`;
}

function sorry(error) {
  const [what, next] = trouble(error);
  return h("div", {class: "card receipt-trouble"}, h("strong", {class: "bad"}, what), h("p", {dir: "auto"}, error.message),
    error.provider_code && h("p", {class: "soft", dir: "auto"}, `The provider's own code: ${error.provider_code}`), h("p", {}, next));
}

function adjusted({adjusted = []}) {
  if (!adjusted.length) return null;
  return h("section", {}, h("h3", {}, "Adjusted"), h("ul", {}, adjusted.map((each) => h("li", {dir: "auto"}, h("code", {}, each.field), ` ${each.message}`))));
}

function told({prediction, timeline}) {
  const start = Date.parse(prediction.created_at);
  return h("ol", {class: "receipt-told"}, timeline.map((entry, at) => {
    const [sign, tone, words, facts] = sentence(entry, timeline.slice(0, at));
    return h("li", {}, h("time", {class: "mono soft", datetime: entry.at, title: entry.at}, after(Date.parse(entry.at) - start)),
      h("span", {class: `told-sign ${tone}`, "aria-hidden": "true"}, sign),
      h("span", {dir: "auto"}, words, facts && h("span", {class: "soft"}, ` – ${facts}`), inspected(entry)));
  }));
}

/** The events view has its body and what became of it. */
function inspected({kind, detail}) {
  return kind === "delivery" && [" ", h("a", {href: `#/events/${detail.id}`}, "Look at it")];
}

const after = (milliseconds) => `+${(Math.max(0, milliseconds) / 1000).toFixed(3)} s`;

function files({files: all}) {
  if (!all.length) return null;
  return h("section", {}, h("h3", {}, "Outputs"), h("ul", {class: "receipt-outputs"}, all.map((file) => h("li", {},
    file.url ? h("a", {href: file.url, target: "_blank", rel: "noopener"}, `Output ${file.position + 1}`) : `Output ${file.position + 1}: ${file.state}`,
    file.bytes !== null && h("span", {class: "soft"}, ` ${[file.content_type, file.width && `${file.width} × ${file.height}`, bytes(file.bytes)].filter(Boolean).join(" · ")}`),
    file.sha256 && h("code", {class: "hash-text"}, `sha256 ${file.sha256}`)))));
}

const requestOf = ({provider, model, input, metadata}) => ({provider, model, input, ...(Object.keys(metadata ?? {}).length ? {metadata} : {})});

function raw(name, words, value) {
  return h("details", {"data-name": name}, h("summary", {}, words), h("pre", {tabindex: "0", dir: "ltr", "aria-label": `${words} as JSON`}, h("code", {}, JSON.stringify(value, null, 2))));
}

function save(receipt) {
  const address = URL.createObjectURL(new Blob([JSON.stringify(receipt, null, 2)], {type: "application/json"}));
  h("a", {href: address, download: `receipt-${receipt.prediction.id}.json`}).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
