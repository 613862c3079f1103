"""The sentences in which a prediction's own failures are told."""

from app.domain.prediction import Failure, FailureCode

UNREACHABLE = Failure(FailureCode.PROVIDER_UNREACHABLE, "The provider could not be reached; nothing was bought.")
PURCHASE_UNKNOWN = Failure(
    FailureCode.PURCHASE_UNKNOWN,
    "The provider may have taken this prediction and never said so; it will not be bought again.",
)
TIMED_OUT = Failure(FailureCode.TIMED_OUT, "The provider did not finish in time.")
OUTPUT_LOST = Failure(FailureCode.OUTPUT_LOST, "An output could not be fetched before the provider deleted it.")
NO_OUTPUT = Failure(FailureCode.PROVIDER_FAILED, "It ended without an output.")
NO_REASON = Failure(FailureCode.PROVIDER_FAILED, "The provider failed to make it.")
FORGOTTEN = Failure(FailureCode.PROVIDER_FAILED, "The provider no longer knows this prediction.")
