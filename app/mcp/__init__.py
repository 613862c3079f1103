"""`darkroom mcp`: the service as tools for assistants, by the Model Context Protocol.

It speaks to the HTTP API alone, with a key like everybody else's, so that scopes, limits and budgets hold. `api` asks,
`tools` are what an assistant can call, `answers` and `words` are what it is told, `server` puts them together. Needs
the extra `mcp`.
"""
