"""`darkroom costs`: what was spent, what is held, and whether our books agree with the providers'."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

import typer
from rich.table import Table

from app.actions.check_balances import check_balances
from app.actions.compare_books import compare_books
from app.actions.read_costs import Costs, read_costs
from app.bootstrap import Services, budget_policy
from app.cli.terminal import AsJson, console, print_json, say, with_services
from app.db.costs import Share
from app.domain.caller import Caller
from app.web.money import costs_view

BAR = 28
NOW = timedelta()


def costs(
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days to look back.")] = 30,
    compare: Annotated[bool, typer.Option("--compare", help="Ask the providers now what they billed.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Recompute every balance from the ledger; exit 1 if one differs.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """What was spent and is held, by day, provider, model and key, and the drift from what the providers billed.

    Amounts are USD; days begin at midnight in BUDGET_TIMEZONE.
    """

    async def read(services: Services) -> tuple[Costs, list[str]]:
        policy = budget_policy(services.settings)
        if compare:
            await compare_books(services.database, services.providers, policy, every=NOW)
        wrong = await check_balances(services.database) if check else []
        return await read_costs(services.database, policy, Caller("everybody"), days=days), wrong

    found, wrong = with_services(read)
    if as_json:
        print_json(costs_view(found).model_dump(mode="json"))
    else:
        _show(found)
    if check:
        say(*wrong or ["Every balance agrees with the ledger."])
    if wrong:
        raise typer.Exit(1)


def _show(found: Costs) -> None:
    left = (
        ""
        if found.budget_remaining is None
        else f"   left of {_usd(found.daily_budget)}: {_usd(found.budget_remaining)}"
    )
    console.print(f"[bold]today[/] {_usd(found.today)}   held {_usd(found.held)}{left}   all days {_usd(found.total)}")
    console.print(_table("day", found.days))
    for name, shares in (("provider", found.providers), ("model", found.models)):
        console.print(_table(name, shares))
    labels = {str(key): name or f"dk_{prefix}_…" for key, (prefix, name) in found.key_names.items()}
    console.print(_table("key", found.keys, labels))
    console.print(_drift(found))


def _table(what: str, shares: Sequence[Share], labels: dict[str, str] | None = None) -> Table:
    table = Table(what, "USD", "predictions", "", box=None, pad_edge=False, header_style="dim")
    most = max((share.captured for share in shares), default=Decimal(0))
    for share in shares:
        bar = "█" * round(BAR * share.captured / most) if most else ""
        table.add_row((labels or {}).get(share.name, share.name), _usd(share.captured), str(share.predictions), bar)
    if not shares:
        table.add_row("[dim]nothing yet[/]", "", "", "")
    return table


def _drift(found: Costs) -> Table:
    table = Table(
        "compared", "provider", "ours", "theirs", "difference", "", box=None, pad_edge=False, header_style="dim"
    )
    for each in found.drift:
        odd = []
        if each.unknown_here:
            odd.append(f"{each.unknown_here} billed there and unknown here")
        if each.unknown_there:
            odd.append(f"{each.unknown_there} captured here and not in their list")
        mark = "[green]✓[/]" if not each.difference else "[red]✗[/]"
        table.add_row(
            str(each.day),
            each.provider,
            _usd(each.ours),
            _usd(each.theirs),
            f"{mark} {_usd(each.difference)}",
            ", ".join(odd),
        )
    if not found.drift:
        table.add_row("[dim]not yet; the worker does it every ten minutes, --compare now[/]", "", "", "", "", "")
    return table


def _usd(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{amount.normalize() + 0:f}"
