"""Where pictures stay: a store for blobs, and what can be known of a file by looking at it.

A blob appears whole or not at all: it is written aside, made durable, and only then takes its name. Names are
random and are their own permission. The store knows bytes; type, size and hash belong to the row beside it.

What a file is, its content tells. Senders' headers and names are hearsay, and whatever a browser would run as
a page is refused. `port` is what any store offers, `local` the disk; `sniff`, `boxes`, `structure` and
`images` look at files; `arrival` is a file on its way in, which takes its name from what it turns out to be.
"""
