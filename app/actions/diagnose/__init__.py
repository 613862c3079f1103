"""What `darkroom doctor` looks at: one small function for each question, one `Finding` for each answer.

`database`, `storage`, `provider`, `webhook_door` and `judges` look at the world; `signature` at a delivery that was not
believed. None of them raises for what it is there to find, and none leaves anything behind.
"""
