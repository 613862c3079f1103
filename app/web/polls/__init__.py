"""Status polls, answered from memory: what most requests are, and what must cost no query.

A process remembers predictions as they are sent (`rendered`), and whom a key stands for (`callers`), in a bounded
memory (`memory`) that the rows' own notifications clear. What is remembered is used only while `Changes.is_current`:
nobody is shown a state that ended more than a second ago, or one older than a notification that has come. A poll by a
key, or by a client token, of a remembered prediction is answered before the application with its routes and middleware
is asked (`quick`); all others take the same memory by way of `reads`.
"""
