"""Mounts, and a network of our own; and commands within a root."""

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1
DOCKERS_CAPABILITIES = (
    "+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+net_raw,+sys_chroot,+mknod,"
    "+audit_write,+setfcap"
)
"""What a step of a build may, as root."""


def own_network() -> None:
    """From here on there is loopback, and nobody else. Raises OSError where that is not allowed."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"no network of our own: {os.strerror(number)}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        fcntl.ioctl(asker, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))


def run(*command: str | Path) -> None:
    """Raises CalledProcessError."""
    subprocess.run(command, check=True)


@contextmanager
def mounted(at: Path, layers: Sequence[Path], *, upper: Path | None = None) -> Iterator[Path]:
    """The layers, uppermost first, as one root. Without `upper` nothing can be written to it, by root either."""
    at.mkdir(parents=True, exist_ok=True)
    options = "lowerdir=" + ":".join(str(layer) for layer in layers)
    if upper is not None:
        work = upper.with_name(f"{upper.name}.work")
        for folder in (upper, work):
            folder.mkdir(exist_ok=True)
        options += f",upperdir={upper},workdir={work}"
    run("mount", "--types", "overlay", "--options", options, "overlay", at)
    try:
        yield at
    finally:
        run("umount", "--lazy", "--recursive", at)


def bind(source: Path, target: Path, *, writable: bool = False) -> None:
    run("mount", "--options", f"bind,{'rw' if writable else 'ro'}", source, target)


def in_memory(target: Path) -> None:
    run("mount", "--types", "tmpfs", "--options", "nosuid,nodev,noexec,mode=1777", "tmpfs", target)


@dataclass(frozen=True, slots=True)
class Account:
    uid: int
    gid: int

    @classmethod
    def parse(cls, user: str) -> "Account":
        uid, _, gid = user.partition(":")
        return cls(int(uid), int(gid or 0))


ROOT = Account(0, 0)
POWERLESS = ["--bounding-set=-all", "--no-new-privs"]


def within(root: Path, workdir: str, account: Account, words: Sequence[str]) -> list[str]:
    """The command by which the words run there, as PID 1 of processes of their own.

    Root may what Docker lets a step do; anybody else has no capability, and no way to one. They end with their
    launcher, however suddenly: a change of user makes the kernel forget what `unshare --kill-child` asked for.
    """
    own = ["unshare", "--pid", "--mount", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc"]
    who = [
        "setpriv",
        "--pdeathsig=KILL",
        f"--reuid={account.uid}",
        f"--regid={account.gid}",
        "--clear-groups",
        "--inh-caps=-all",
    ]
    may = [f"--bounding-set=-all,{DOCKERS_CAPABILITIES}"] if account == ROOT else POWERLESS
    return [*own, "--root", str(root), "--wd", workdir, "--", *who, *may, "--", *words]
