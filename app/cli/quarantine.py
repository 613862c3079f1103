"""`darkroom quarantine`: hide what a prediction made, at once, and show it again."""

from typing import Annotated

import typer

from app.actions.quarantine_outputs import quarantine_outputs, release_outputs
from app.cli.terminal import AsJson, parsed_id, print_json, say, with_database

PredictionId = Annotated[str, typer.Argument(help="The prediction whose outputs it is about.")]
Release = Annotated[bool, typer.Option("--release", help="Show them again.")]


def quarantine(prediction_id: PredictionId, release: Release = False, as_json: AsJson = False) -> None:
    """Hide a prediction's outputs from everybody, without deleting them.

    From now on /files answers 404 for them and the prediction names no address. Copies that browsers and CDNs have
    already kept are theirs for up to a month: purge your CDN too.
    """
    wanted = parsed_id(prediction_id)
    do = release_outputs if release else quarantine_outputs
    count = with_database(lambda database: do(database, wanted))
    if as_json:
        print_json({"id": str(wanted), "released" if release else "quarantined": count})
        return
    say(f"{count} {'file is' if count == 1 else 'files are'} {'shown again' if release else 'hidden'}")
