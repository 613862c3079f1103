"""What this machine has to lend: its rights, its apt sources, its pip's way to an index. Nothing of it is kept."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SECTIONS = ("global", "install", ":env:")
"""Of pip's configuration, the later winning."""
LENT = {
    *("index-url", "extra-index-url", "find-links", "no-index", "trusted-host"),
    *("cert", "client-cert", "proxy", "timeout", "default-timeout", "retries"),
}
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
TOOLS = {"mmdebstrap": "mmdebstrap", "unshare": "util-linux", "mount": "mount"}
"""Programs, and the packages that have them."""
APT_LISTS = Path("/etc/apt")
APT_LENT = re.compile(r"Acquire::(Check-|https?::|Retries)")


def missing() -> list[str]:
    """What a replay cannot do without, in words for people."""
    found = [] if sys.platform == "linux" else ["Linux, whose namespaces and overlayfs stand in for an engine"]
    if os.geteuid() != 0:
        found.append("root, to mount and to make a Debian")
    return found + [f"{tool} (apt-get install {TOOLS[tool]})" for tool in TOOLS if shutil.which(tool) is None]


def apt_sources(suite: str) -> list[Path]:
    """The files of this machine's apt that speak of the suite."""
    files = [APT_LISTS / "sources.list", *sorted((APT_LISTS / "sources.list.d").glob("*"))]
    return [file for file in files if file.suffix in (".list", ".sources") and _speaks_of(file, suite)]


def _speaks_of(file: Path, suite: str) -> bool:
    lines = file.read_text().splitlines() if file.exists() else []
    return any(re.search(rf"\b{suite}\b", line) for line in lines if not line.lstrip().startswith("#"))


def apt_options() -> str:
    """Proxies and how dates are checked, as apt's configuration."""
    said = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    return "".join(f"{line}\n" for line in said.splitlines() if APT_LENT.match(line))


@dataclass(frozen=True)
class Loan:
    """Variables for a step, and what of this machine they speak of, which it must find at the same place."""

    variables: dict[str, str] = field(repr=False)  # an index's address may hold a password
    places: tuple[Path, ...]


def pip_loan() -> Loan:
    said = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    return loan(said, os.environ)


def loan(listed: str, environ: Mapping[str, str]) -> Loan:
    """`listed` is what `pip config list` says: `section.name='value'` for each line."""
    told = dict(_told(listed))
    variables = {f"PIP_{name.upper().replace('-', '_')}": value for name, value in told.items()}
    variables |= {name: value for name, value in environ.items() if name.lower() in PROXIES}
    places = {place for name, value in told.items() for place in _places(name, value)}
    return Loan(variables, tuple(sorted(places)))


def _told(listed: str) -> Iterator[tuple[str, str]]:
    lines = [line.partition("=") for line in listed.splitlines()]
    for section in SECTIONS:
        for key, _, value in lines:
            name = key.removeprefix(f"{section}.")
            if name != key and name in LENT:
                yield name, str(ast.literal_eval(value))


def _places(name: str, value: str) -> Iterator[Path]:
    """An index of pages on disk has its files beside it."""
    for word in value.split():
        path = Path(word.removeprefix("file://"))
        if path.is_absolute() and path.exists():
            yield path.parent if name.endswith("index-url") else path
