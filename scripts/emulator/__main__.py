"""`python -m scripts.emulator`: reads the flags and the environment, then serves until SIGTERM or Ctrl-C."""

import argparse
import json
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from scripts.emulator import dialect, faults
from scripts.emulator.journal import JournalBusyError
from scripts.emulator.server import run
from scripts.emulator.settings import Settings

EPILOG = """\
Every option may come from the environment: EMULATOR_PORT, DARKROOM_DATA, EMULATOR_API_KEY,
EMULATOR_WEBHOOK_SECRET, EMULATOR_FAULTS, and EMULATOR_<NAME> for each word of the dialect.
Keys and secrets come from there alone. Dialect and faults can be changed while it runs:

  curl localhost:8001/_dialect -d '{"webhook_body": "envelope", "retention": 30}'
  curl localhost:8001/_faults  -d '{"duplicate": 0.2, "cdn_500": {"share": 1, "times": 2}}'
  curl localhost:8001/_faults  -d '{}'

What it sold is GET /_ledger, the truth about files GET /_outputs, about webhooks GET /_deliveries.
"""


def main() -> None:
    logging.basicConfig(stream=sys.stderr, format="emulator %(message)s", level=logging.WARNING)
    logging.getLogger("emulator").setLevel(logging.INFO)
    try:
        run(_settings(_flags(), os.environ))
    except (JournalBusyError, OSError, ValueError) as trouble:
        sys.exit(f"emulator {trouble}")


def _flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.emulator",
        description="A stranger that speaks Skytells: sells pictures, sends webhooks, misbehaves on demand.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", help="on 127.0.0.1, 0 for any (8001)")
    parser.add_argument("--data", help="its journal lives in DATA/emulator/ (./data)")
    parser.add_argument("--faults", help=f"JSON: name to share. Known: {', '.join(faults.KNOWN)}")
    words = parser.add_argument_group("dialect")
    for name, default in dialect.spoken(dialect.Dialect()).items():
        choices = "|".join(dialect.CHOICES.get(name, ()))
        about = f"{dialect.MEANINGS[name]} [{choices or 'value'}; {default!r}]"
        words.add_argument(f"--{name.replace('_', '-')}", metavar="X", help=about)
    return parser.parse_args()


def _settings(flags: argparse.Namespace, environ: Mapping[str, str]) -> Settings:
    def given(name: str, variable: str, default: str) -> str:
        flag: str | None = getattr(flags, name, None)
        return flag if flag is not None else environ.get(variable) or default

    names = dialect.spoken(dialect.Dialect())
    words = {name: given(name, f"EMULATOR_{name.upper()}", str(default)) for name, default in names.items()}
    wishes = json.loads(given("faults", "EMULATOR_FAULTS", "{}"))
    faults.understood(wishes)
    return Settings(
        port=int(given("port", "EMULATOR_PORT", "8001")),
        data=Path(given("data", "DARKROOM_DATA", "data")),
        api_key=given("api_key", "EMULATOR_API_KEY", "sk-emulator"),
        webhook_secret=given("webhook_secret", "EMULATOR_WEBHOOK_SECRET", "whsec-emulator"),
        dialect=dialect.changed(dialect.Dialect(), words),
        faults=wishes,
    )


if __name__ == "__main__":
    main()
