"""The way out: HTTP to places that somebody else named.

Webhook targets come from clients and picture links from providers, so neither is trusted. The check that
counts is made where a socket would be opened: a name is resolved once, every answer must be a public address,
and the connection goes to that very address, so that nothing can change between the look and the leap. What
comes back is bounded in bytes and time, and counts as whole only when its framing says so.

`addresses` judges an address, `urls` a URL before any network, `hosts` keeps a provider's list; `guard` is
the transport that enforces the first, `download` the stream that obeys them all, `replies` reads answers.
"""
