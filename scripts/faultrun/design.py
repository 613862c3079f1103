"""How a house is built: how many processes, what listens where, and the settings that a run turns down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from scripts.faultrun.order import LEASE_SECONDS
from scripts.faultrun.proxies import Watcher

MAX_OUTPUT_BYTES = 8 * 2**20
POOL_SIZE = 10
ORPHAN_AGE_SECONDS = 20
"""Longer than any attempt of a run may take between storing a file and committing it, short enough to wait for."""
ADOPT_WITHIN_SECONDS = 25
"""How long a create that may have been heard is looked for; nothing of the run is under way for as long."""

Watch = Callable[[], Watcher]


@dataclass(frozen=True, kw_only=True)
class Design:
    """How the house is built. `watches` names the watcher of a proxy: `api`, `cdn`, `hook`, `pg-web-1` and so on."""

    webs: int = 2
    workers: int = 2
    owners: tuple[str, ...] = ("ann", "ben", "cat", "dan", "eva", "fay", "gil", "hal")
    watches: Mapping[str, Watch] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    emulated: Mapping[str, str] = field(default_factory=dict)
    postgres: Mapping[str, str] = field(default_factory=dict)
    lease: float = LEASE_SECONDS
    shifted: str = ""
    """A process whose clock runs ahead, if any."""
