"""What strace saw of files: which were synced before they got their names."""

import re
from pathlib import Path

RENAMED = re.compile(r'rename\w*\(.*?"([^"]*/\.incoming/[^"]+)"')
SYNCED = re.compile(r"f(?:data)?sync\(\d+<([^>]+)>")


class NotPossible(Exception):
    """This machine lacks what an aim needs."""


def unsynced(trace: Path) -> str:
    synced: set[str] = set()
    renamed = 0
    for line in trace.read_text(errors="replace").splitlines():
        if found := SYNCED.search(line):
            synced.add(found[1])
        if found := RENAMED.search(line):
            renamed += 1
            if found[1] not in synced:
                return f"{Path(found[1]).name} got its name before it was synced"
    if not renamed:
        raise NotPossible("strace saw no rename; may it attach here?")
    return ""
