"""`up` with stand-ins for its children, as a process of its own: `python -m tests.dev.house ROOT [flags]`."""

import sys
from pathlib import Path

from scripts.dev.__main__ import main
from scripts.dev.supervisor import Commands

STAND_IN = str(Path(__file__).with_name("stand_in.py"))


def stand_in(role: str) -> tuple[str, ...]:
    return (sys.executable, STAND_IN, role)


COMMANDS = Commands(
    migrate=stand_in("migrate"), emulator=stand_in("emulator"), web=stand_in("web"), worker=stand_in("worker")
)

if __name__ == "__main__":
    sys.exit(main(sys.argv[2:], commands=COMMANDS, root=Path(sys.argv[1])))
