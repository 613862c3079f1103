"""Where a run lives: short paths, since a unix socket's name has to fit, gone at the end and after a sudden death."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "darkroom-fault-"
PLACE = Path("/tmp")  # $TMPDIR may be too long for a socket


@contextmanager
def temporary_folder(*, kept: bool = False) -> Iterator[Path]:
    """Removed at the end unless it is to be kept. What runs that were killed left behind goes first."""
    _remove_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=PLACE))
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            if kept:
                (folder / "lock").unlink()
            else:
                shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned() -> None:
    """A folder whose lock nobody holds; one that was kept on purpose has none."""
    for folder in PLACE.glob(f"{PREFIX}*"):
        try:
            with (folder / "lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        shutil.rmtree(folder, ignore_errors=True)
