"""What requests share: opened in the lifespan, found, typed, on every request."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from starlette.requests import Request

from app.actions.list_models import ModelList
from app.db.changes import Changes
from app.db.engine import Database
from app.domain.ports import Providers
from app.storage.port import BlobStore
from app.web.views import Views


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
    database: Database
    changes: Changes
    providers: Providers
    models: ModelList
    blobs: BlobStore
    views: Views
    policy: Policy


def shared(request: Request) -> Shared:
    found = request.state.shared
    assert isinstance(found, Shared)  # noqa: S101, the lifespan put it there
    return found
