"""`./scripts/image`: what is missing, or the replay with a folder that goes when its mounts are gone."""

import argparse
import signal
import subprocess
import sys
import tempfile

from app.embedded.lifeline import die_with_parent
from scripts.cleanroom import machine

OWN_MOUNTS = ("unshare", "--mount", "--propagation", "private", "--")


def main() -> int:
    about = "Replays the Dockerfile's steps in a clean Debian root, and tries its promises on what comes of them."
    parser = argparse.ArgumentParser(prog="./scripts/image", description=about)
    parser.add_argument(
        "--python",
        metavar="PATH",
        default="",
        help="an interpreter of FROM's version; else that on PATH, else Debian's",
    )
    given = parser.parse_args()
    if missing := machine.missing():
        print("this needs", *missing, sep="\n  ", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="darkroom-image-") as folder:
        command = [*OWN_MOUNTS, sys.executable, "-m", "scripts.cleanroom.replay", folder, given.python]
        return subprocess.run(command, preexec_fn=die_with_parent(signal.SIGKILL), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
