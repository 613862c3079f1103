"""Faces: other people's APIs, for the clients that speak them. Change the base URL and the key, nothing else.

A face is a thin translation onto the same actions as our own API: the same keys, budgets, limits, moderation and
idempotency, the same rows. It has a package of its own, and knows nothing of the others. What it answers, errors too,
is in its own dialect, so that a client raises its proper exception; ids are our own. Its creates go through
`buying.buy_guarded`, so that a retry of a client without an idempotency key buys nothing. Our own OpenAPI document does
not tell of faces: their documents are other people's.
"""
