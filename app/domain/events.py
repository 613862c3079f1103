"""What can happen to a prediction."""

from dataclasses import dataclass
from datetime import timedelta

from app.domain.prediction import Failure, File
from app.domain.report import Report


@dataclass(frozen=True, slots=True)
class Asked:
    """The create is about to be sent. Committed before the first byte leaves."""


@dataclass(frozen=True, slots=True)
class NotReached:
    """The provider surely did not take the create; it may be sent again. `limited`: it only came too soon, and keeps
    its place in the line."""

    retry_after: timedelta | None = None
    limited: bool = False


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The create may have been taken. It is looked for, and never sent again."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider said no; nothing was bought."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Heard:
    """The provider told something: a create's reply, a webhook or a poll."""

    report: Report


@dataclass(frozen=True, slots=True)
class Looked:
    """A look told nothing final; look again later, or just when the provider says, or when it may be back."""

    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class PutOff:
    """The provider could not be asked, or a submission waits for its turn: no attempt was made, so none is counted."""

    pause: timedelta


@dataclass(frozen=True, slots=True)
class Collected:
    """How the files stand after an attempt to fetch those that were owed."""

    files: tuple[File, ...]
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class CancelAsked:
    """Its owner wants it no more. Told to the provider, which decides."""


@dataclass(frozen=True, slots=True)
class NeverArrived:
    """The provider's list has not shown the create for longer than a request can be under way; it is sent again."""


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The deadline of the owed work has passed."""


Event = (
    Asked
    | NotReached
    | Unanswered
    | NeverArrived
    | Refused
    | Heard
    | Looked
    | PutOff
    | Collected
    | CancelAsked
    | GaveUp
)
