"""As whom Postgres runs. It refuses root, so root becomes nobody, in a user namespace where there may be one.

Inside such a namespace the files stay root's and the folder's modes stay as they are: no chown, no useradd.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.embedded.errors import FolderUnusable

NOBODY_IN_NAMESPACE = ("--user", "--map-user=65534", "--map-group=65534", "--")


@dataclass(frozen=True, slots=True)
class Identity:
    """`prefix` stands before the command; `account` is (uid, gid) when the process really changes hands."""

    prefix: tuple[str, ...] = ()
    account: tuple[int, int] | None = None

    @property
    def uid(self) -> int:
        return self.account[0] if self.account else os.geteuid()

    @property
    def process_arguments(self) -> dict[str, Any]:
        if self.account is None:
            return {}
        return {"user": self.account[0], "group": self.account[1], "extra_groups": []}

    def adopt(self, folder: Path) -> None:
        """Gives the folder, with all that is in it, to whoever runs the server; only root has a choice there."""
        owner = self.account or (os.geteuid(), os.getegid())
        if folder.stat().st_uid == owner[0]:
            return
        try:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, *owner, follow_symlinks=False)
        except PermissionError:
            raise FolderUnusable(
                f"{folder} belongs to another user (uid {folder.stat().st_uid}). Run as that user, or set "
                "DARKROOM_DATA to a folder of your own."
            ) from None


@cache
def current_identity() -> Identity:
    if os.geteuid() != 0:
        return Identity()
    return in_namespace() or as_nobody()


def in_namespace() -> Identity | None:
    unshare = shutil.which("unshare")
    if unshare is None:
        return None
    prefix = (unshare, *NOBODY_IN_NAMESPACE)
    tried = subprocess.run([*prefix, "true"], capture_output=True, check=False)  # noqa: S603
    return Identity(prefix=prefix) if tried.returncode == 0 else None


def as_nobody() -> Identity:
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise FolderUnusable(
            "Postgres refuses to run as root, and this machine has neither user namespaces nor a user "
            "`nobody`. Run as an ordinary user, or set DATABASE_URL to a server."
        ) from None
    return Identity(account=(nobody.pw_uid, nobody.pw_gid))
