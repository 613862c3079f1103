"""All that is known at the end of a run, as plain values. Times are epoch seconds, sizes bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from scripts.faultrun.budgets import Budget
from scripts.faultrun.emulator import Sold
from scripts.faultrun.fencing import Claim
from scripts.faultrun.forger import Forged
from scripts.faultrun.gauges import Gauge
from scripts.faultrun.history import Answer, Story
from scripts.faultrun.keeper import Surprise
from scripts.faultrun.nemesis import Dealt
from scripts.faultrun.purses import Purses, Standing


@dataclass(frozen=True, slots=True)
class Row:
    """A prediction as the database has it. `held` and `captured` are USD, None where nothing was captured."""

    id: str
    owner: str
    prompt: str
    status: str
    stage: str
    provider_id: str | None
    token: str
    failure: str | None
    provider_code: str | None
    work: str | None
    attempts: int
    created_at: float
    completed_at: float | None
    held: Decimal
    captured: Decimal | None


@dataclass(frozen=True, slots=True)
class Entry:
    """Of the ledger: USD by which what is held and what is captured change, at the time of the transaction."""

    at: float
    prediction_id: str
    owner: str
    account: str
    day: str
    kind: str
    held: Decimal
    captured: Decimal
    note: str | None

    @property
    def spent(self) -> Decimal:
        return self.held + self.captured


@dataclass(frozen=True, slots=True)
class Moment:
    """Of a prediction's life, for people."""

    at: float
    what: str


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row of `files`."""

    prediction_id: str
    position: int
    state: str
    source_url: str
    key: str | None
    bytes: int | None
    sha256: str | None
    thumb_key: str | None = None
    thumb_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Blob:
    key: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A delivery as it passed on the wire to us. `status` is None where no answer passed back."""

    at: float
    sha256: str
    is_authentic: bool
    status: int | None
    retry_after: bool = True


@dataclass(frozen=True, slots=True)
class Logs:
    """What the processes wrote. `tracebacks` counts those that end alike; `secrets` are excerpts."""

    lines: int = 0
    tracebacks: dict[str, int] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    deadlocks: int = 0
    lock_waits: int = 0


@dataclass(frozen=True, slots=True)
class Jobs:
    """The queue at the end: how many jobs in which state, and how many ended badly without being kept."""

    by_status: dict[str, int] = field(default_factory=dict)


@dataclass(kw_only=True, slots=True)
class Evidence:
    seed: int
    minutes: float
    stories: list[Story] = field(default_factory=list)
    hostile: list[Answer] = field(default_factory=list)
    skipped: int = 0
    sold: list[Sold] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    files: list[StoredRow] = field(default_factory=list)
    uploads: set[str] = field(default_factory=set)
    """The keys of files that clients sent."""
    blobs: list[Blob] = field(default_factory=list)
    temporaries: list[float] = field(default_factory=list)
    """Ages in seconds."""
    kept: set[str] = field(default_factory=set)
    """SHA-256 of every delivery in the inbox."""
    heard: list[Heard] = field(default_factory=list)
    forged: list[Forged] = field(default_factory=list)
    lured: set[str] = field(default_factory=set)
    """Provider's ids whose downloads were led to the canary."""
    dropped: set[str] = field(default_factory=set)
    """Provider's ids of which no authentic delivery reached us."""
    calls_of_canary: list[str] = field(default_factory=list)
    key_seen_at_cdn: int = 0
    wrongs_seen: list[str] = field(default_factory=list)
    samples: int = 0
    most_connections: int = 0
    allowed_connections: int = 0
    claims: list[Claim] = field(default_factory=list)
    """Oldest first."""
    takeovers: int = 0
    late_writes: int = 0
    wrong_writes: list[str] = field(default_factory=list)
    dealt: list[Dealt] = field(default_factory=list)
    surprises: list[Surprise] = field(default_factory=list)
    gauges: list[Gauge] = field(default_factory=list)
    lag_p95: float = 0.0
    """Seconds by which our own loop was late: how far the machine was from keeping up."""
    crowding: float = 0.0
    """Seconds that our own process waited for a core, for each second that it had one."""
    logs: Logs = field(default_factory=Logs)
    jobs: Jobs = field(default_factory=Jobs)
    faults_began: float = 0.0
    faults_ended: float = 0.0
    blackout: tuple[float, float] = (0.0, 0.0)
    drained_after: float | None = None
    """Seconds from the end of the faults until everything was final; None if it never was."""
    has_ledger: bool = False
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    """By account."""
    accounts: Mapping[str, str] = field(default_factory=dict)
    """By owner."""
    entries: list[Entry] = field(default_factory=list)
    """Oldest first."""
    standings: list[Standing] = field(default_factory=list)
    """At the end."""
    purses: Purses = field(default_factory=Purses)
    journals: dict[str, list[Moment]] = field(default_factory=dict)
    """By row: the lives of those that some failed check names."""
    has_metrics: bool = False
    has_cleanup: bool = False
