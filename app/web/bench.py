"""What the inspector works with: whom we can sign as, what was not believed, and the emulator beside us."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from app.actions.diagnose.finding import Finding
from app.actions.diagnose.rejected import KnownSecrets, diagnose_rejected
from app.actions.diagnose.senders import Sender
from app.domain.ids import uuid7
from app.domain.ports import Providers

MOST_REJECTED = 50
LARGEST_KEPT = 100_000
HIDDEN = ("authorization", "cookie", "x-api-key", "proxy-authorization")


@dataclass(frozen=True, slots=True, eq=False)
class Rejected:
    """A delivery that the door did not believe. Beyond LARGEST_KEPT the body is cut, and not diagnosed."""

    id: UUID
    provider: str
    received_at: datetime
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    size: int
    findings: list[Finding] = field(default_factory=list)

    def diagnose(self, providers: Providers, known: KnownSecrets) -> list[Finding]:
        """Once; it tries every secret in every form."""
        if not self.findings and self.size <= LARGEST_KEPT:
            found = diagnose_rejected(
                self.provider, self.headers, self.body, providers=providers, known=known, now=self.received_at
            )
            self.findings.extend(found)
        return self.findings


@dataclass(frozen=True, slots=True)
class Bench:
    """`rejected`, newest first, and `emulator_url` are for development alone: None elsewhere. `door_url` is APP_URL."""

    door_url: str = ""
    senders: Mapping[str, Sender] = field(default_factory=dict)
    known: KnownSecrets = field(default_factory=KnownSecrets)
    rejected: deque[Rejected] | None = None
    emulator_url: str | None = None

    def keep_rejected(self, provider: str, headers: Mapping[str, str], body: bytes) -> None:
        if self.rejected is None:
            return
        now = datetime.now(UTC)
        shown = {name: value for name, value in headers.items() if name not in HIDDEN}
        self.rejected.appendleft(Rejected(uuid7(now), provider, now, shown, body[:LARGEST_KEPT], len(body)))


def kept_in_memory() -> deque[Rejected]:
    return deque(maxlen=MOST_REJECTED)
