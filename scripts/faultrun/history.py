"""What clients asked for and were answered: plain values, for the checks."""

from dataclasses import dataclass, field

FINAL = frozenset({"succeeded", "failed", "canceled"})
REFUSED = "budget_exceeded"
STATUS_RANK = {"starting": 0, "processing": 1, "succeeded": 2, "failed": 2, "canceled": 2}


@dataclass(slots=True)
class Answer:
    """One request's. `status` is HTTP's, 0 where none came; `state` the prediction's, `code` a problem's.

    Times are epoch seconds: it came `at`, or was asked then if none came; `asked_at` is 0 where nobody noted it.
    """

    what: str
    at: float
    status: int
    id: str = ""
    state: str = ""
    retry_after: str | None = None
    trouble: str = ""
    code: str = ""
    asked_at: float = 0.0

    @property
    def is_refusal(self) -> bool:
        """Of a create, for want of money."""
        return self.what == "create" and self.code == REFUSED


@dataclass(slots=True)
class Fetched:
    """One output through the API."""

    url: str
    sha256: str
    bytes: int
    claimed_sha256: str
    claimed_bytes: int


@dataclass(slots=True)
class Story:
    """One order of a client, from its key to its bytes. `tries` counts the requests of the careful create."""

    number: int
    owner: str
    key: str
    prompt: str
    outputs: int
    ordered_at: float = 0.0
    settled_at: float = 0.0
    tries: int = 0
    ids: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    fetched: list[Fetched] = field(default_factory=list)
    final: str = ""
    error: str = ""
    file_count: int = 0

    @property
    def is_created(self) -> bool:
        return bool(self.ids)

    @property
    def is_refused(self) -> bool:
        """It ended without a prediction for want of money, as orders may."""
        return not self.ids and any(answer.is_refusal for answer in self.answers)
