"""`darkroom keys`: made and shown once, listed without their secrets, rotated, revoked for good."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from app.actions.issue_key import issue_key, list_keys, revoke_key, rotate_key
from app.actions.notify_client import read_signing_secret
from app.cli import amounts
from app.cli.terminal import AsJson, console, print_json, say, with_database
from app.db.keys import ApiKey
from app.domain.caller import Budgets, Scope
from app.domain.grants import USUAL_SCOPES, Grant

COLUMNS = ("key", "owner", "may", "limits", "USD a day / month / ever", "used", "state")

app = typer.Typer(help="API keys: shown once, stored hashed.", no_args_is_help=True)

Usd = Annotated[Decimal | None, typer.Option(parser=amounts.usd, metavar="USD", help="Left out: no bound.")]
Key = Annotated[str, typer.Argument(help="Its id, its prefix, or the key itself.")]


@app.command()
def create(
    *,
    owner: Annotated[str, typer.Option(parser=amounts.label, metavar="NAME", help="Whose it is.")] = "default",
    name: Annotated[str, typer.Option(help="For you to tell keys apart.")] = "",
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may do; several times. Left out: create and read.")
    ] = None,
    rate_limit: Annotated[
        str | None,
        typer.Option(parser=amounts.rate, metavar="RATE", help="Such as 30/minute, or off; else the service's."),
    ] = None,
    max_unfinished: Annotated[
        int | None, typer.Option(min=0, max=1_000_000, help="Predictions at once, 0: no cap; else the service's.")
    ] = None,
    daily_budget: Usd = None,
    monthly_budget: Usd = None,
    total_budget: Usd = None,
    retry_guard: Annotated[
        bool, typer.Option(help="Whether a create by another API's client that lost its connection is bought once.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Make a key and show it, this once."""
    budgets = Budgets(daily_budget, monthly_budget, total_budget)
    grant = Grant(frozenset(scope or USUAL_SCOPES), rate_limit, max_unfinished, budgets, retry_guard)
    made = with_database(lambda database: issue_key(database, owner=owner, name=name, grant=grant))
    if as_json:
        print_json({"id": made.id, "key": made.key.text, "owner": owner, "name": name, **_told(grant)})
        return
    print(made.key.text)
    say(f"for {owner}; it is not shown again. Use it as `Authorization: Bearer …`.")


@app.command("list")
def show(as_json: AsJson = False) -> None:
    """All keys, without their secrets."""
    found = with_database(list_keys)
    if as_json:
        names = ("id", "prefix", "owner", "name", "created_at", "last_used_at", "revoked_at", "previous_until")
        print_json([{name: getattr(each, name) for name in names} | _told(each.grant) for each in found])
        return
    table = Table(*COLUMNS, box=box.SIMPLE_HEAD)
    table.columns[0].no_wrap = True
    for each in found:
        table.add_row(*_row(each))
    console.print(table)


@app.command()
def rotate(
    key: Key,
    grace: Annotated[
        timedelta, typer.Option(parser=amounts.span, metavar="SPAN", help="How long the old secret still opens.")
    ] = "24h",  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Give a key a new secret and show it, this once; its limits and budgets stay as they are."""
    made = with_database(lambda database: rotate_key(database, _named(key), grace))
    if made is None:
        raise _not_open(key)
    if as_json:
        print_json({"id": made.id, "key": made.key.text, "previous_until": made.previous_until})
        return
    print(made.key.text)
    until = f"opens until {_minute(made.previous_until)} UTC" if grace else "opens nothing any more"
    say(f"it is not shown again. The old secret {until}.")


@app.command()
def revoke(key: Key) -> None:
    """Close a key for good."""
    if not with_database(lambda database: revoke_key(database, _named(key))):
        raise _not_open(key)
    say("revoked")


@app.command("webhook-secret")
def webhook_secret(owner: Annotated[str, typer.Argument(help="Whose webhooks it signs.")] = "default") -> None:
    """What an owner's own webhooks are signed with (Standard Webhooks)."""
    print(with_database(lambda database: read_signing_secret(database, owner)))


def _named(key: str) -> str:
    return key.removeprefix("dk_").partition("_")[0]


def _not_open(key: str) -> typer.Exit:
    say(f"no open key {_named(key)}; `darkroom keys list` shows them")
    return typer.Exit(1)


def _told(grant: Grant) -> dict[str, Any]:
    """Money as decimal strings in USD; None where the service's own holds, or no bound."""
    budgets = {"daily": grant.budgets.daily, "monthly": grant.budgets.monthly, "total": grant.budgets.total}
    return {
        "scopes": sorted(grant.scopes),
        "rate_limit": grant.rate_limit,
        "max_unfinished": grant.max_unfinished,
        "retry_guard": grant.retry_guard,
        **{f"{period}_budget": None if usd is None else _usd(usd) for period, usd in budgets.items()},
    }


def _row(key: ApiKey) -> tuple[str, ...]:
    grant, budgets = key.grant, key.grant.budgets
    bounds = [budgets.daily, budgets.monthly, budgets.total]
    unguarded = "" if grant.retry_guard else "no retry guard"
    unfinished = "" if grant.max_unfinished is None else f"{grant.max_unfinished} unfinished"
    return (
        f"dk_{key.prefix}_…",
        f"{key.owner} ({key.name})" if key.name else key.owner,
        " ".join(sorted(grant.scopes)),
        "\n".join(filter(None, (grant.rate_limit, unfinished, unguarded))),
        " / ".join("–" if usd is None else _usd(usd) for usd in bounds)
        if any(bound is not None for bound in bounds)
        else "",
        _minute(key.last_used_at) if key.last_used_at else "never",
        _state(key),
    )


def _state(key: ApiKey) -> str:
    if key.revoked_at:
        return "revoked"
    if key.previous_until and key.previous_until > datetime.now(UTC):
        return f"open; old secret until {_minute(key.previous_until)}"
    return "open"


def _usd(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _minute(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M}"
