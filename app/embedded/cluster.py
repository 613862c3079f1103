"""The data folder: where its server listens, who holds it, and what an earlier end may have left in it."""

import fcntl
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import IO
from urllib.parse import quote

from app.embedded.errors import FolderInUse, FolderUnusable
from app.embedded.identity import Identity

ROLE = DATABASE = "darkroom"
PORT = 5432  # a unix socket's name carries one
LONGEST_SOCKET_PATH = 107 if sys.platform == "linux" else 103
SHORT_PLACE = Path("/tmp")  # noqa: S108, not $TMPDIR: another terminal must arrive at the same folder


def url(data: Path) -> str:
    """Where the folder's server listens, or will. Touches nothing: any process of the same user may ask."""
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(socket_folder(data)))}&port={PORT}"


def socket_folder(data: Path) -> Path:
    real = data.resolve()
    beside = real / "run"
    path = os.fsencode(beside / f".s.PGSQL.{PORT}")
    if len(path) <= LONGEST_SOCKET_PATH and b"," not in path:  # drivers read a comma as two hosts
        return beside
    name = sha256(os.fsencode(real)).hexdigest()[:16]
    return SHORT_PLACE / f"darkroom-{os.geteuid()}-{name}"


def make_socket_folder(data: Path, identity: Identity) -> Path:
    """Mode 0700 is all that guards a server without passwords, so the folder has to be ours alone."""
    folder = socket_folder(data)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise FolderUnusable(f"{folder} cannot be made ({error.strerror}). Remove what is in its place.") from None
    if folder.is_symlink() or not folder.is_dir() or not _is_ours(folder, data, identity):
        raise FolderUnusable(f"{folder} belongs to somebody else. Remove it, or use a shorter DARKROOM_DATA.")
    folder.chmod(0o700)
    identity.adopt(folder)
    for leftover in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (folder / leftover).unlink(missing_ok=True)
    return folder


def _is_ours(folder: Path, data: Path, identity: Identity) -> bool:
    in_our_data = folder.parent == data.resolve()  # where root may have run Postgres as nobody before
    return folder.stat().st_uid in {os.geteuid(), identity.uid} or (os.geteuid() == 0 and in_our_data)


def hold(data: Path) -> IO[str]:
    """The folder is ours until the file is closed, or until we die however suddenly."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / "postgres.lock").open("a+")
    except OSError as error:
        raise FolderUnusable(
            f"{data} cannot hold data ({error.strerror}). Set DARKROOM_DATA to a folder that you may write."
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        holder = lock.read().strip()
        lock.close()
        raise FolderInUse(data, f"another Darkroom (process {holder or 'unknown'})") from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def remove_unfinished(data: Path, prefix: str) -> None:
    """What a killed initdb left; whoever holds the folder may."""
    for leftover in data.glob(f"{prefix}*"):
        shutil.rmtree(leftover, ignore_errors=True)


def move_into_place(made: Path, folder: Path) -> None:
    """A rename, so that the folder is there whole or not at all."""
    try:
        made.rename(folder)
    except OSError:
        raise FolderUnusable(
            f"{folder} is there but has no PG_VERSION, so it is no database. Move it away and start again."
        ) from None
    parent = os.open(folder.parent, os.O_RDONLY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)


def living_postmaster(folder: Path) -> int | None:
    """The server that still runs here. A pid file alone proves nothing: its number may be anybody's."""
    pid = _written_pid(folder)
    return pid if pid is not None and _is_server_of(pid, folder) else None


def disarm_pid_file(folder: Path) -> None:
    """Makes a leftover pid file name us, its launcher.

    Postgres refuses to start while the named process lives, whoever that is, unless it is its own parent.
    The rest of the file stays, since by it Postgres finds backends that still use the old shared memory.
    """
    file = folder / "postmaster.pid"
    if _written_pid(folder) is None:
        file.unlink(missing_ok=True)  # empty or garbled by a power cut, which Postgres would refuse for ever
        return
    _, rest = file.read_text().split("\n", 1)
    file.write_text(f"{os.getpid()}\n{rest}")


def _written_pid(folder: Path) -> int | None:
    try:
        first, newline, _ = (folder / "postmaster.pid").read_text().partition("\n")
        return abs(int(first)) if newline else None
    except (OSError, ValueError):
        return None


def _is_server_of(pid: int, folder: Path) -> bool:
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == folder.resolve()
        except OSError:
            return False
    named = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return Path(named.stdout.strip()).name == "postgres"
