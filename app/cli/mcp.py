"""`darkroom mcp`: the service as tools for assistants."""

import typer

from app.cli.terminal import say, tool_settings

MISSING = """\
`darkroom mcp` needs a package that is not installed: pip install 'darkroom[mcp]' (in a clone: -e '.[mcp]')."""


def mcp() -> None:
    """Serve tools to an assistant over standard input and output (MCP).

    create_prediction, quote, get_prediction, list_predictions, cancel_prediction,
    list_models and get_costs, by the HTTP API at DARKROOM_URL with the key
    DARKROOM_KEY, whose scopes, limits and budgets hold. Assistants start it
    themselves, from a configuration such as

        {"mcpServers": {"darkroom": {"command": "darkroom", "args": ["mcp"],
                                     "env": {"DARKROOM_URL": "https://…", "DARKROOM_KEY": "dk_…"}}}}
    """
    settings = tool_settings()
    try:
        from app.mcp.server import serve  # noqa: PLC0415, an extra
    except ModuleNotFoundError as missing:
        if missing.name != "mcp":
            raise
        say(MISSING)
        raise typer.Exit(2) from None
    url = settings.darkroom_url or f"http://127.0.0.1:{settings.port}"
    serve(url, settings.darkroom_key.get_secret_value())
