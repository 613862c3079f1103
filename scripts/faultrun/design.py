"""How a house is built: how many processes, what listens where, and the settings that a run turns down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from scripts.faultrun.budgets import Budget
from scripts.faultrun.order import LEASE_SECONDS
from scripts.faultrun.proxies import Watcher

MAX_OUTPUT_BYTES = 8 * 2**20
POOL_SIZE = 10
ORPHAN_AGE_SECONDS = 20
"""Longer than any attempt of a run may take between storing a file and committing it, short enough to wait for."""
ADOPT_WITHIN_SECONDS = 25
"""How long a create that may have been heard is looked for; nothing of the run is under way for as long."""

OWNERS = ("ann", "ben", "cat", "dan", "eva", "fay", "gil", "hal")

Watch = Callable[[], Watcher]


@dataclass(frozen=True, kw_only=True)
class Design:
    """How the house is built. `watches` names the watcher of a proxy: `api`, `cdn`, `hook`, `pg-web-1` and so on.

    `budgets` are by owner. `service` is USD a day for everybody together, None without bound.
    """

    webs: int = 2
    workers: int = 2
    owners: tuple[str, ...] = OWNERS
    watches: Mapping[str, Watch] = field(default_factory=dict)
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    service: Decimal | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    emulated: Mapping[str, str] = field(default_factory=dict)
    postgres: Mapping[str, str] = field(default_factory=dict)
    lease: float = LEASE_SECONDS
    shifted: str = ""
    """A process whose clock runs ahead, if any."""
