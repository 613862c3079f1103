"""The embedded Postgres: one data folder, a socket for its owner alone, a server that dies with its launcher.

`EmbeddedPostgres` serves a folder; `url` tells any other process of the same user where its server listens.
"""

from app.embedded.cluster import url
from app.embedded.errors import (
    EmbeddedPostgresError,
    FolderInUse,
    FolderUnusable,
    NoBinaries,
    NoBinariesForFolder,
    StartFailed,
)
from app.embedded.postgres import EmbeddedPostgres

__all__ = [
    "EmbeddedPostgres",
    "EmbeddedPostgresError",
    "FolderInUse",
    "FolderUnusable",
    "NoBinaries",
    "NoBinariesForFolder",
    "StartFailed",
    "url",
]
