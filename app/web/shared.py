"""What requests share: opened in the lifespan, found, typed, on every request."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from time import monotonic

from starlette.requests import Request

from app.actions.list_models import ModelList
from app.db.changes import Changes
from app.db.engine import Database
from app.domain.ports import Providers
from app.storage.port import BlobStore
from app.web.views import Views


@dataclass(slots=True)
class Counts:
    """What this process has seen and no row remembers."""

    forged_deliveries: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """`loopback_needs_no_key` is for development alone, `http_webhooks` too."""

    default_provider: str
    default_model: str
    loopback_needs_no_key: bool = False
    http_webhooks: bool = False
    outbound_allow_nets: Sequence[IPv4Network | IPv6Network] = ()


@dataclass(frozen=True, slots=True)
class Shared:
    """`inbox` is the webhook door's own pool, which nobody else can exhaust. `began_at` is `time.monotonic`."""

    database: Database
    inbox: Database
    counts: Counts
    changes: Changes
    providers: Providers
    models: ModelList
    blobs: BlobStore
    views: Views
    policy: Policy
    began_at: float = field(default_factory=monotonic)


def shared(request: Request) -> Shared:
    found = request.state.shared
    assert isinstance(found, Shared)  # noqa: S101, the lifespan put it there
    return found
