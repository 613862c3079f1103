"""What requests share: opened in the lifespan, found, typed, on every request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from time import monotonic

from starlette.requests import Request

from app.actions.admission import Admission
from app.actions.follow_changes import Live
from app.actions.intake import Intake
from app.actions.list_models import ModelList
from app.db.engine import Database
from app.domain.ports import Providers
from app.domain.rates import Rate, Windows
from app.storage.port import BlobStore, Link
from app.storage.pulse import Pulse
from app.web.bench import Bench
from app.web.handovers import Handovers
from app.web.open_streams import OpenStreams
from app.web.polls.callers import Callers
from app.web.polls.reads import Reads
from app.web.traffic import Traffic
from app.web.views import Views

LIMITS = ("create", "batch", "upload", "quote")


@dataclass(frozen=True, slots=True)
class Policy:
    """`loopback_needs_no_key` is for development alone, `http_webhooks` too. A body may take `body_seconds`. `rates`
    are by the limit's name, None is no limit. What `trusted_proxies` say of a client's address is believed.
    Under `accel_redirect_prefix` nginx has the files of our disk, and sends them. Uploads are kept for `upload_hours`
    after their last use. Creates whose clients had gone are remembered for `retry_guard`; clients of OpenAI's face are
    kept waiting for `openai_seconds`."""

    default_provider: str
    default_model: str
    loopback_needs_no_key: bool = False
    http_webhooks: bool = False
    outbound_allow_nets: Sequence[IPv4Network | IPv6Network] = ()
    trusted_proxies: Sequence[IPv4Network | IPv6Network] = ()
    accel_redirect_prefix: str = ""
    body_seconds: float = 30.0
    rates: Mapping[str, Rate | None] = field(default_factory=lambda: dict.fromkeys(LIMITS))
    upload_hours: float = 24.0
    retry_guard: timedelta = timedelta(0)
    openai_seconds: int = 240
    environment: str = "production"


@dataclass(frozen=True, slots=True)
class Shared:
    """`intake` has the webhook door's own pool, which nobody else can exhaust. `pulse` tells whether `blobs` work,
    `link` where a file can be had elsewhere; None if nowhere. `traffic` is what this process has answered, `bench` is
    the inspector's, `began_at` is `time.monotonic`."""

    database: Database
    intake: Intake
    traffic: Traffic
    reads: Reads
    callers: Callers
    live: Live
    streams: OpenStreams
    providers: Providers
    models: ModelList
    admission: Admission
    windows: Windows
    blobs: BlobStore
    pulse: Pulse
    link: Link | None
    views: Views
    policy: Policy
    bench: Bench = field(default_factory=Bench)
    handovers: Handovers = field(default_factory=Handovers)
    began_at: float = field(default_factory=monotonic)


def shared(request: Request) -> Shared:
    found = request.state.shared
    assert isinstance(found, Shared)  # noqa: S101, the lifespan put it there
    return found
