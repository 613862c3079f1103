"""What can go wrong on the way out.

OutboundError
├── AddressRefused       a name led to a place that is not public
├── UrlRefused           a client's URL is not one we would ever call
├── BlobApiTrouble       a blob store's API, or the way to it, gave no result
└── OutputNotHad         one download failed; the subclass says what can be done
    ├── OutputGone           this link is dead: ask the provider for a fresh one
    ├── OutputUnavailable    try the same link again
    └── OutputRejected       never to be had: the address or the content is not acceptable
"""

from typing import ClassVar, Literal

UrlFault = Literal["unparsable", "too_long", "scheme", "userinfo", "host", "port", "address"]
Trouble = Literal["connection", "stalled", "deadline", "truncated", "changed", "status"]
Rejection = Literal["url", "host", "address", "redirects", "encoding", "too_large"]


class OutboundError(Exception):
    """Anything this room refuses or fails to do."""

    code: ClassVar[str] = "outbound_failed"


class AddressRefused(OutboundError):
    """A connection was asked for, and the host or one of its addresses may not be reached."""

    code = "address_refused"

    def __init__(self, host: str, address: str) -> None:
        super().__init__(f"{host} leads to {address}, which is not a public address")
        self.host = host
        self.address = address


class UrlRefused(OutboundError):
    """A URL given by a client was looked at, before any network, and could never be called."""

    code = "url_refused"

    def __init__(self, reason: UrlFault) -> None:
        super().__init__(f"the URL is refused for its {reason.replace('_', ' ')}")
        self.reason = reason


class BlobApiTrouble(OutboundError):
    """The API refused, or could not be asked even after some tries. `reason` is its own code, or a word of ours."""

    code = "blob_api_trouble"

    def __init__(self, reason: str, *, retriable: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retriable = retriable


class OutputNotHad(OutboundError):
    """A download ended without the whole file. What the sink was given so far is to be thrown away."""

    code = "output_not_had"


class OutputGone(OutputNotHad):
    """This link gives nothing (403, 404, 410 and other client errors): expired or removed."""

    code = "output_gone"

    def __init__(self, status: int) -> None:
        super().__init__(f"the link answers {status}")
        self.status = status


class OutputUnavailable(OutputNotHad):
    """The server was busy or broken, or the transfer did not end properly. The same link may work later.

    `retry_after` is in seconds, when the server named a time.
    """

    code = "output_unavailable"

    def __init__(self, reason: Trouble, *, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(reason if status is None else f"{reason} {status}")
        self.reason = reason
        self.status = status
        self.retry_after = retry_after


class OutputRejected(OutputNotHad):
    """The link, or what lies behind it, is not something we fetch: not retried."""

    code = "output_rejected"

    def __init__(self, reason: Rejection, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
