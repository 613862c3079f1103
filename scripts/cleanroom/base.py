"""What stands in for FROM: a minimal Debian of its release, with Python where the official image has it."""

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scripts.cleanroom import machine
from scripts.cleanroom.namespaces import ROOT, run, within
from scripts.cleanroom.recipe import NotUnderstood

OFFICIAL = re.compile(r"python:(?P<python>3\.\d+)-slim-(?P<suite>[a-z]+)")
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
ITS_PACKAGES = ("ca-certificates", "netbase", "tzdata")
SLIM = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/info/*", "/usr/share/locale/*")
NOT_IN_THE_OFFICIAL = ("site-packages", "test", "tests", "idlelib", "__pycache__", "*.pyc", "libpython*.a")


class NoSources(Exception):
    def __init__(self, suite: str) -> None:
        super().__init__(f"this machine's apt knows no {suite}: add a source of it in /etc/apt/sources.list.d")


@dataclass(frozen=True, slots=True)
class Official:
    """python:3.12-slim-bookworm as ("3.12", "bookworm")."""

    python: str
    suite: str

    @classmethod
    def parse(cls, image: str) -> "Official":
        found = OFFICIAL.fullmatch(image)
        if found is None:
            raise NotUnderstood(f"FROM {image}")
        return cls(found["python"], found["suite"])


@dataclass(frozen=True, slots=True)
class Interpreter:
    prefix: Path
    version: str


def find_interpreter(program: str, minor: str) -> Interpreter | None:
    """One of that minor version in a prefix of its own, so that it can be copied; Debian's own files cannot."""
    asked = "import platform, sys; print(sys.base_prefix, platform.python_version())"
    try:
        said = subprocess.run([program, "-c", asked], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    prefix, version = said.split()
    return Interpreter(Path(prefix), version) if version.startswith(f"{minor}.") and prefix != "/usr" else None


def make_base(official: Official, interpreter: Interpreter | None, folder: Path) -> str:
    """The base in `folder`, and what it is, in words."""
    python = ("libpython3-stdlib",) if interpreter else ("python3", "python3-venv")
    _make_debian(official.suite, (*ITS_PACKAGES, *python), folder)
    local = folder / "usr/local"
    if interpreter is None:
        for name in ("python", "python3"):
            (local / "bin" / name).symlink_to("/usr/bin/python3")
    else:
        _copy_python(interpreter.prefix, official.python, local)
        _within(folder, "ldconfig")
        _within(folder, "python", "-m", "ensurepip")
    version = _within(folder, "python", "--version")
    return f"Debian {official.suite}, {version} {'in /usr/local' if interpreter else 'of Debian'}"


def _make_debian(suite: str, packages: tuple[str, ...], folder: Path) -> None:
    sources = machine.apt_sources(suite)
    if not sources:
        raise NoSources(suite)
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as options:
        options.write(machine.apt_options())
        options.flush()
        leave_out = [f"--dpkgopt=path-exclude={path}" for path in SLIM]
        included = f"--include={','.join(packages)}"
        few = ["--quiet", "--mode=root", "--format=directory", "--variant=minbase", included, *leave_out]
        run("mmdebstrap", *few, f"--aptopt={options.name}", suite, folder, *sources)
    (folder / "etc/apt/apt.conf.d/99mmdebstrap").unlink(missing_ok=True)


def _copy_python(prefix: Path, minor: str, local: Path) -> None:
    left_out = shutil.ignore_patterns(*NOT_IN_THE_OFFICIAL)
    shutil.copytree(
        prefix / f"lib/python{minor}", local / f"lib/python{minor}", symlinks=True, ignore=left_out, dirs_exist_ok=True
    )
    for library in (prefix / "lib").glob(f"libpython{minor}.so*"):
        shutil.copy2(library, local / "lib", follow_symlinks=False)
    shutil.copy2(prefix / f"bin/python{minor}", local / "bin")
    for name in ("python", "python3"):
        (local / "bin" / name).symlink_to(f"python{minor}")


def _within(root: Path, *words: str) -> str:
    command = within(root, "/", ROOT, words)
    quiet = ENVIRONMENT | {"PYTHONDONTWRITEBYTECODE": "1"}  # as the official image is made
    return subprocess.run(command, env=quiet, capture_output=True, text=True, check=True).stdout.strip()
