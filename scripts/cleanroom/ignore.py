"""A .dockerignore: which files of the context the steps may see. Of the rules that match, the last decides."""

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

_PIECES = re.compile(r"\*\*/|\*\*|\*|\?|\[[^\]]+\]|\\.|.")
_MEANT = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


class Ignore:
    def __init__(self, lines: Iterable[str]) -> None:
        given = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        self._rules = [(line.startswith("!"), _pattern(line.removeprefix("!"))) for line in given]

    def lets_in(self, path: str) -> bool:
        """A pattern that matches a folder means what is in it."""
        whole = PurePosixPath(path)
        names = [str(whole), *(str(parent) for parent in whole.parents if str(parent) != ".")]
        matching = [is_exception for is_exception, rule in self._rules if any(map(rule.fullmatch, names))]
        return matching[-1] if matching else True

    def leaves_out(self, context: Path) -> "_LeavesOut":
        return _LeavesOut(self, context)


class _LeavesOut:
    """As shutil.copytree asks. A folder stays out when nothing below it is let in."""

    def __init__(self, ignore: Ignore, context: Path) -> None:
        self._ignore, self._context = ignore, context

    def __call__(self, folder: str, names: list[str]) -> list[str]:
        return [name for name in names if not self._has_any(Path(folder, name))]

    def _has_any(self, path: Path) -> bool:
        if self._ignore.lets_in(path.relative_to(self._context).as_posix()):
            return True
        return path.is_dir() and not path.is_symlink() and any(map(self._has_any, path.iterdir()))


def _pattern(text: str) -> re.Pattern[str]:
    cleaned = str(PurePosixPath(text.strip().lstrip("/")))
    return re.compile("".join(_translated(piece) for piece in _PIECES.findall(cleaned)))


def _translated(piece: str) -> str:
    if piece in _MEANT:
        return _MEANT[piece]
    if piece.startswith("[") and len(piece) > 1:
        return piece
    return re.escape(piece[1:] if piece.startswith("\\") and len(piece) > 1 else piece)
