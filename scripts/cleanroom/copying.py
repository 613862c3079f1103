"""COPY: from the context or from another stage, into a root. All of it becomes root's, as without --chown."""

import shutil
from collections.abc import Callable
from pathlib import Path

from scripts.cleanroom.ignore import Ignore
from scripts.cleanroom.recipe import Instruction, NotUnderstood

Choice = Callable[[str, list[str]], list[str]]


class NotInContext(Exception):
    def __init__(self, source: str, step: Instruction) -> None:
        super().__init__(f"{source} does not exist, or .dockerignore keeps it out: {step}")


def copy_from_context(step: Instruction, context: Path, ignore: Ignore, root: Path, workdir: str) -> None:
    for source in step.argument.split()[:-1]:
        if not (context / source).exists() or ignore.leaves_out(context)(str(context), [source]):
            raise NotInContext(source, step)
    _copy(step, context, root, workdir, ignore.leaves_out(context))


def copy_from_stage(step: Instruction, other: Path, root: Path, workdir: str) -> None:
    _copy(step, other, root, workdir, lambda folder, names: [])


def _copy(step: Instruction, origin: Path, root: Path, workdir: str, leaves_out: Choice) -> None:
    *sources, target = step.argument.split()
    if set(step.flags) - {"from"} or any(sign in step.argument for sign in '*?["'):
        raise NotUnderstood(str(step))
    inside = inside_of(root, target, workdir)
    is_folder = target.endswith("/") or len(sources) > 1
    for source in sources:
        found = origin / source.lstrip("/")
        if found.is_dir():
            shutil.copytree(found, inside, symlinks=True, ignore=leaves_out, dirs_exist_ok=True)
        else:
            into = inside / found.name if is_folder else inside
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(found, into)


def inside_of(root: Path, path: str, workdir: str) -> Path:
    """Where a path of the image lies on this machine; a relative one begins at its WORKDIR."""
    return root / str(Path(workdir, path)).lstrip("/")
