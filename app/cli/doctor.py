"""`darkroom doctor`: what is wrong here, and what to do about it."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.markup import escape
from rich.table import Table

from app.actions.diagnose.finding import Finding, State, bad
from app.actions.diagnose.signature import diagnose_signature
from app.bootstrap import known_secrets
from app.cli.examination import examine
from app.cli.terminal import AsJson, console, print_json, run, settings_here
from app.logs import configure_logs
from app.refusals import unreadable
from app.settings import Settings

MARKS = {State.OK: "[green]✓[/]", State.BAD: "[red]✗[/]", State.SKIPPED: "[dim]–[/]"}
DeliveryFile = Annotated[
    Path | None,
    typer.Option(
        "--delivery",
        metavar="FILE",
        help="Only look at this delivery's signature: its raw body, `-` for standard input.",
    ),
]
Production = Annotated[
    bool, typer.Option("--production", help="Judge as for production, with the whole checklist for going live.")
]
Header = Annotated[
    str | None, typer.Option("--signature", metavar="HEADER", help="The X-Skytells-Signature that came with it.")
]


def doctor(
    delivery: DeliveryFile = None, signature: Header = None, production: Production = False, as_json: AsJson = False
) -> None:
    """Look at everything that has to be right; say what is wrong and its cure.

    The settings, the database and its migrations, the blob store and the disk,
    moderation, the provider's key, models and prices, the clocks, and the
    webhook URL: a signed test delivery is sent to APP_URL as a provider would
    send it, small and with 1 MB, and removed again. Nothing is bought, nothing
    is changed. It looks with the settings that it is run with, so give it those
    of the service. Exits 1 if something is wrong.

    `--production` is the checklist for going live: the same by the strict rules,
    and budget, limits, alerts, keys, the worker, its work and the books.

    When deliveries are answered 401, save one's raw body and ask which of
    secret, encoding and body is to blame:

        darkroom doctor --delivery body.json --signature "sha256=5f2b…"
    """
    settings = _settings()
    if (delivery is None) != (signature is None):
        raise typer.BadParameter("--delivery and --signature belong together")
    if delivery is not None and signature is not None and isinstance(settings, Settings):
        _show(_signature_findings(settings, _read(delivery), signature), as_json)
    elif isinstance(settings, Settings):
        _show(run(examine(settings, for_production=production)), as_json)
    else:
        _show(settings, as_json)


def _settings() -> Settings | list[Finding]:
    """The settings, or why they cannot be read."""
    try:
        settings = settings_here()
    except ValidationError as error:
        return [bad(refusal.setting, refusal.wrong, refusal.cure) for refusal in unreadable(error)]
    configure_logs("ERROR", settings.log_format)
    return settings


def _signature_findings(settings: Settings, body: bytes, signature: str) -> list[Finding]:
    known = known_secrets(settings)
    return diagnose_signature(body, signature, known.accepted, known.others)


def _read(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read ({error.strerror})") from None


def _show(findings: list[Finding], as_json: bool) -> None:
    is_well = not any(finding.is_bad for finding in findings)
    if as_json:
        found = [{name: getattr(each, name) for name in ("name", "state", "said", "cure")} for each in findings]
        print_json({"ok": is_well, "findings": found})
    else:
        console.print(_checklist(findings))
    if not is_well:
        raise typer.Exit(1)


def _checklist(findings: list[Finding]) -> Table:
    table = Table.grid(padding=(0, 2))
    for finding in findings:
        table.add_row(MARKS[finding.state], escape(finding.name), escape(finding.said))
        if finding.cure:
            table.add_row("", "", f"[yellow]→ {escape(finding.cure)}.[/]")
    return table
