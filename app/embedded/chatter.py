"""Which of the server's lines are worth passing on."""

from collections.abc import Callable

DETAILS = ("\t", "DETAIL:", "HINT:", "STATEMENT:", "CONTEXT:")
TROUBLE = ("WARNING:", "ERROR:", "FATAL:", "PANIC:")
NOTABLE = ("recovery", "redo")
PASSING = (
    "is starting up",
    "not yet accepting",
    "is shutting down",
    "terminating connection",
    "pre-existing shared memory",
)


class Chatter:
    """Passes on what is more than routine; details go where the line before them went."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._is_quiet = False

    def hear(self, line: str) -> None:
        if not line.startswith(DETAILS):
            self._is_quiet = _is_routine(line)
        if not self._is_quiet:
            self._tell(line)


def _is_routine(line: str) -> bool:
    if line.startswith("LOG:"):
        return not any(word in line for word in NOTABLE)
    return not line.startswith(TROUBLE) or any(words in line for words in PASSING)
