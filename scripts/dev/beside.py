"""What commands that are run beside `up` need to know: the settings that it gave to its processes."""

import os
from collections.abc import Mapping
from pathlib import Path

NAME = "up.env"


def leave(data: Path, environment: Mapping[str, str]) -> None:
    """For this user's eyes alone: keys are in it. Replaced as a whole."""
    data.mkdir(parents=True, exist_ok=True)
    being_made = data / f"{NAME}.new"
    being_made.unlink(missing_ok=True)
    with os.fdopen(os.open(being_made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{name}='{_escaped(value)}'\n" for name, value in environment.items())
    being_made.replace(data / NAME)


def remove(data: Path) -> None:
    (data / NAME).unlink(missing_ok=True)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
