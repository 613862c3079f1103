"""What a build left in its last layer, file by file."""

from collections.abc import Iterator
from pathlib import Path

from scripts.cleanroom.build import Image
from scripts.cleanroom.ignore import Ignore
from scripts.cleanroom.promises import Promises

ACCOUNTS = "etc"
BYTECODE = "__pycache__"
ENVIRONMENT = ".venv"
SHOWN = 3


def try_layer(image: Image, ignore: Ignore, volume: str, promises: Promises) -> None:
    """Code, its environment and an account; nothing that the context keeps out, nothing of this machine or of pip."""
    code = image.layer / image.workdir.lstrip("/")
    places = (code, image.layer / ACCOUNTS, image.layer / volume.lstrip("/"))
    strangers = [file for file in _files(image.layer) if not any(file.is_relative_to(place) for place in places)]
    _note(promises, "the layer is code, bytecode and an account", strangers, image.layer)
    copied = [file for file in _files(code) if not file.is_relative_to(code / ENVIRONMENT)]
    kept_out = [file for file in copied if not ignore.lets_in(file.relative_to(code).as_posix())]
    _note(promises, "nothing is in it that .dockerignore keeps out", kept_out, code)
    unreadable = [file for file in _files(code) if not file.is_symlink() and not file.stat().st_mode & 0o004]
    _note(promises, "its user can read all of the code", unreadable, code)


def _files(folder: Path) -> Iterator[Path]:
    """All but bytecode, which the steps make."""
    return (path for path in folder.rglob("*") if BYTECODE not in path.parts and (path.is_symlink() or path.is_file()))


def _note(promises: Promises, name: str, wrong: list[Path], folder: Path) -> None:
    promises.note(name, not wrong, ", ".join(str(path.relative_to(folder)) for path in wrong[:SHOWN]))
