"""Who asks. Requests are made beforehand, byte by byte, and sent by processes of their own.

requests    files of raw HTTP/1.1 requests
wrk         a closed loop: sixteen connections, each sends the next when it has the answer; the most that goes
open_loop   an open loop: a request every so many milliseconds, whoever has answered; what waiting does to latency
    events      terminal events of a provider, ten a second
    streams     thousands of clients who listen and hear nothing
"""
