"""Why `up` ends by itself. The text is all that a person gets, so it names the cure."""

from collections.abc import Iterable

REFUSED, GAVE_UP = 2, 1


class Ended(Exception):
    exit_code = GAVE_UP


class Refused(Ended):
    """Before anything was started."""

    exit_code = REFUSED


class GaveUp(Ended):
    """Something that has to run does not; everything was stopped again."""

    def __init__(self, what: str, last_words: Iterable[str] = ()) -> None:
        words = [line for line in last_words if line.strip()]
        quoted = "\nits last lines:\n" + "\n".join(f"  {line}" for line in words) if words else ""
        super().__init__(what + quoted)
