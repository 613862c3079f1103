/** Scenarios at a click, and how the emulator's faults are grouped; the faults themselves are the emulator's to name. */

export const SCENARIOS = {
  Calm: {text: "Nothing goes wrong on purpose", faults: {}},
  "Lose every webhook": {text: "No delivery comes; results have to be asked for", faults: {drop: 1}},
  Fail: {text: "Every job fails at the provider", faults: {fail: 1}},
  Slow: {text: "Creates are answered late, jobs start late", faults: {slow_reply: 1, late_start: 1}},
  "Cut replies": {text: "Creates are accepted, then the line is cut", faults: {reply_cut: 1}},
  "Forge deliveries": {text: "Somebody else delivers too, without our secret", faults: {forge: 1}},
  "Everything a little": {
    text: "Duplicates, delays, losses, cut downloads and refusals, each for some",
    faults: {duplicate: 0.3, delay: 0.2, drop: 0.2, reply_cut: 0.1, refuse_503: 0.2, cdn_truncate: 0.3, cdn_500: 0.2, get_500: 0.2},
  },
};

export const GROUPS = {
  Deliveries: /^(duplicate|reorder|delay|drop|early|forge|alter|contradict|slow_body|stale_link)$/,
  Creates: /^(refuse_|content_policy|insufficient|slow_|reply_)/,
  Jobs: /^(late_start|never_finish|fail|nsfw|absurd_cost|expire_early)$/,
  "Reads and lists": /^(get_|list_|cancel_)/,
  Downloads: /^cdn_/,
};
