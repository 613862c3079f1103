"""The code under test: a copy, so that nobody's edits reach a process that is restarted in the middle of a run."""

import compileall
import hashlib
import io
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PARTS = ("app", "migrations", "alembic.ini")


class NoSuchRef(Exception):
    """Git does not know the commit that was to be tested."""


class Stale(Exception):
    """The text that an edit replaces is no longer there, or not just once."""


@dataclass(frozen=True, slots=True)
class Edit:
    """`old` must stand in `path` exactly once."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Build:
    """`fingerprint` is of all its files; `commit` names where it came from, with + for what is not committed."""

    folder: Path
    fingerprint: str
    commit: str

    @property
    def environment(self) -> dict[str, str]:
        return {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": ""}


def make_build(tree: Path, folder: Path, edits: Sequence[Edit] = (), ref: str = "") -> Build:
    """From the tree as it lies, or as it was at `ref`. Raises Stale, and NoSuchRef."""
    folder.mkdir(parents=True)
    files = _checked_out(tree, ref, folder) if ref else _copied(tree, folder)
    for edit in edits:
        _apply(folder, edit)
    fingerprint = _fingerprint(folder, files)
    compileall.compile_dir(folder / "app", quiet=2)  # once here, instead of by every process that starts
    return Build(folder, fingerprint, _commit(tree, ref))


def _copied(tree: Path, folder: Path) -> list[str]:
    files = _files(tree)
    for name in files:
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(tree / name, place)
    return files


def _checked_out(tree: Path, ref: str, folder: Path) -> list[str]:
    """By `git archive`, which touches neither the tree nor the index."""
    packed = subprocess.run(["git", "-C", str(tree), "archive", ref, *PARTS], capture_output=True, check=False)
    if packed.returncode != 0:
        raise NoSuchRef(packed.stderr.decode(errors="replace").strip())
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
        return sorted(member.name for member in archive.getmembers() if member.isfile())


def _files(tree: Path) -> list[str]:
    """What git knows or would take; a tree without git is taken as it lies."""
    listed = _git(tree, "ls-files", "--cached", "--others", "--exclude-standard", "--", *PARTS)
    if listed is None:
        found = [
            file for part in PARTS for file in ([tree / part] if (tree / part).is_file() else (tree / part).rglob("*"))
        ]
        return sorted(
            str(file.relative_to(tree)) for file in found if file.is_file() and "__pycache__" not in file.parts
        )
    return sorted({name for name in listed.splitlines() if (tree / name).is_file()})


def _apply(folder: Path, edit: Edit) -> None:
    place = folder / edit.path
    text = place.read_text() if place.is_file() else ""
    if text.count(edit.old) != 1:
        raise Stale(f"{edit.path} has {text.count(edit.old)} times: {edit.old.strip()[:80]!r}")
    place.write_text(text.replace(edit.old, edit.new))


def _fingerprint(folder: Path, files: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for name in files:
        digest.update(name.encode() + b"\0" + (folder / name).read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _commit(tree: Path, ref: str) -> str:
    if ref:
        return (_git(tree, "rev-parse", "--short", ref) or ref).strip()
    head = (_git(tree, "rev-parse", "--short", "HEAD") or "unknown").strip()
    dirty = (_git(tree, "status", "--porcelain", "--", *PARTS) or "").strip()
    return f"{head}+" if dirty else head


def _git(tree: Path, *words: str) -> str | None:
    if not (tree / ".git").exists():
        return None
    said = subprocess.run(["git", "-C", str(tree), *words], capture_output=True, text=True, check=False)
    return said.stdout if said.returncode == 0 else None
