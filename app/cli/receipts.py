"""`darkroom receipt`: one prediction's life, line by line."""

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from app.actions.read_receipt import Entry, Receipt, read_receipt
from app.cli.exchanges import as_json as exchange_as_json
from app.cli.exchanges import in_one_line, print_raw
from app.cli.terminal import AsJson, console, parsed_id, print_json, with_services
from app.domain.prediction import Prediction

ORDER = ("outcome", "state", "stage", "status", "position", "bytes", "attempt", "seconds")
PredictionId = Annotated[str, typer.Argument(help="The prediction's id.")]
Raw = Annotated[bool, typer.Option("--raw", help="The calls to the provider, whole: headers and bodies.")]


def receipt(prediction_id: PredictionId, as_json: AsJson = False, raw: Raw = False) -> None:
    """One prediction's whole life: calls, deliveries, transfers, and what became of it.

    Calls are kept without their secrets, and with cut bodies. The provider's
    list, which a lost create is looked for in, is not among them.
    """
    wanted = parsed_id(prediction_id)
    found = with_services(lambda services: read_receipt(services.database, services.providers, wanted, owner=None))
    if as_json:
        print_json(_as_json(found))
        return
    console.print(_headline(found.prediction), soft_wrap=True)
    if raw:
        print_raw(found.exchanges)
    else:
        console.print(_table(found))


def _headline(prediction: Prediction) -> str:
    failure = f": {prediction.failure.code.value}. {prediction.failure.message}" if prediction.failure else ""
    bill = "" if prediction.billed is None else f", billed {prediction.billed.normalize():f} USD"
    there = f" as {prediction.provider_id}" if prediction.provider_id else ""
    return (
        f"[bold]{prediction.id}[/]  {prediction.model} at {prediction.provider}{there}{bill}\n"
        f"[bold]{prediction.status}[/]{failure}"
    )


def _table(found: Receipt) -> Table:
    """Calls stand where they began."""
    table = Table("after", "what", "", box=None, pad_edge=False, header_style="dim")
    rows: list[tuple[datetime, str, str | Text]] = [(entry.at, entry.kind, _words(entry)) for entry in found.timeline]
    rows += [(said.at, "call", in_one_line(said)) for said in found.exchanges]
    for at, kind, words in sorted(rows, key=lambda row: row[0]):
        table.add_row(_after(at, found.prediction.created_at), kind, words)
    for file in found.prediction.files:
        if file.stored:
            table.add_row("", "file", f"{file.stored.key}  {file.stored.bytes:,} bytes  {file.stored.sha256[:16]}…")
    return table


def _after(at: datetime, start: datetime) -> str:
    return f"{max((at - start).total_seconds(), 0):9.3f} s"


def _words(entry: Entry) -> str:
    ordered = sorted(entry.detail.items(), key=lambda pair: ORDER.index(pair[0]) if pair[0] in ORDER else len(ORDER))
    return "  ".join(f"[dim]{name}[/] {value}" for name, value in ordered)


def _as_json(found: Receipt) -> dict[str, Any]:
    return {
        "id": found.prediction.id,
        "status": found.prediction.status,
        "provider": found.prediction.provider,
        "provider_id": found.prediction.provider_id,
        "model": found.prediction.model,
        "billed": found.prediction.billed,
        "error": found.prediction.failure and found.prediction.failure.code,
        "timeline": [{"at": entry.at.isoformat(), "kind": entry.kind, **entry.detail} for entry in found.timeline],
        "exchanges": [exchange_as_json(said) for said in found.exchanges],
    }
