"""`darkroom keys`: made and shown once, listed without their secrets, revoked for good."""

from typing import Annotated

import typer
from rich.table import Table

from app.actions.issue_key import issue_key, list_keys, revoke_key
from app.actions.notify_client import read_signing_secret
from app.cli.terminal import AsJson, console, print_json, say, with_database

app = typer.Typer(help="API keys: shown once, stored hashed.", no_args_is_help=True)


@app.command()
def create(
    owner: Annotated[str, typer.Option(help="Whose predictions it opens.")] = "default",
    name: Annotated[str, typer.Option(help="For you to tell keys apart.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a key and show it, this once."""
    made = with_database(lambda database: issue_key(database, owner=owner, name=name))
    if as_json:
        print_json({"id": made.id, "key": made.key.text, "owner": owner, "name": name})
        return
    print(made.key.text)
    say(f"for {owner}; it is not shown again. Use it as `Authorization: Bearer …`.")


@app.command("list")
def show(as_json: AsJson = False) -> None:
    """All keys, without their secrets."""
    found = with_database(list_keys)
    if as_json:
        names = ("id", "prefix", "owner", "name", "created_at", "revoked_at")
        print_json([{name: getattr(each, name) for name in names} for each in found])
        return
    table = Table("prefix", "owner", "name", "created", "state")
    for each in found:
        state = "revoked" if each.revoked_at else "open"
        table.add_row(f"dk_{each.prefix}_…", each.owner, each.name, f"{each.created_at:%Y-%m-%d %H:%M}", state)
    console.print(table)


@app.command()
def revoke(key: Annotated[str, typer.Argument(help="Its id or its prefix.")]) -> None:
    """Close a key for good."""
    prefix = key.removeprefix("dk_").partition("_")[0]
    if not with_database(lambda database: revoke_key(database, prefix)):
        say(f"no open key {key}; `darkroom keys list` shows them")
        raise typer.Exit(1)
    say("revoked")


@app.command("webhook-secret")
def webhook_secret(owner: Annotated[str, typer.Argument(help="Whose webhooks it signs.")] = "default") -> None:
    """What an owner's own webhooks are signed with (Standard Webhooks)."""
    print(with_database(lambda database: read_signing_secret(database, owner)))
