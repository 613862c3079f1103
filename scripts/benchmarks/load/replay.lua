-- Sends the requests of a file in turn, from the beginning again after the last, and prints what became of them as JSON.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local content = file:read("*a")
  file:close()
  requests, at, sent = {}, 0, 0
  local place = 1
  while place <= #content do
    local length = tonumber(content:sub(place, place + 7))
    requests[#requests + 1] = content:sub(place + 8, place + 7 + length)
    place = place + 8 + length
  end
  known = #requests
end

function request()
  at = at % known + 1
  sent = sent + 1
  return requests[at]
end

function done(summary, latency)
  local sent, known = 0, 0
  for _, thread in ipairs(threads) do
    sent = sent + thread:get("sent")
    known = known + thread:get("known")
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "microseconds": %d, "bytes": %d, "sent": %d, "known": %d, "refused": %d, "broken": %d, "p99": %d}\n',
    summary.requests, summary.duration, summary.bytes, sent, known, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(99)))
end
