"""The words of the domain: closed sets, and nothing private in what logs and tracebacks show."""

import pytest

from app.domain import errors, ports
from app.domain.prediction import STATUS_OF_STAGE, FailureCode, File, Stage, Status
from app.domain.report import ProviderState
from tests.domain.life import OUTPUTS, REFUSED, STORED_FILES, SUCCEEDED, after, new_prediction, told


def test_stages_are_ranked_in_the_order_of_the_road() -> None:
    road = [Stage.QUEUED, Stage.SUBMITTING, Stage.WAITING, Stage.RUNNING]
    road += [Stage.CANCELING, Stage.STORING, Stage.DONE]
    assert [stage.rank for stage in road] == list(range(len(Stage)))


def test_every_stage_but_canceling_and_the_last_has_one_unfinished_status() -> None:
    assert set(STATUS_OF_STAGE) == set(Stage) - {Stage.CANCELING, Stage.DONE}
    assert not any(status.is_final for status in STATUS_OF_STAGE.values())


def test_the_words_that_clients_rely_on() -> None:
    assert [str(status) for status in Status] == ["starting", "processing", "succeeded", "failed", "canceled"]
    assert {str(status) for status in Status if status.is_final} == {"succeeded", "failed", "canceled"}
    assert {str(code) for code in FailureCode} == {
        "rejected",
        "content_filtered",
        "provider_failed",
        "provider_unreachable",
        "timed_out",
        "output_lost",
        "output_rejected",
        "purchase_unknown",
    }


def test_a_prediction_shows_nothing_private() -> None:
    shown = repr(new_prediction()) + repr(after(SUCCEEDED))
    for private in ("private", "the-callback-token", "the-client-token", *OUTPUTS):
        assert private not in shown


def test_links_and_the_keys_that_open_files_are_not_shown() -> None:
    shown = repr(STORED_FILES) + repr(File(0, OUTPUTS[0])) + repr(told(ProviderState.SUCCEEDED, outputs=OUTPUTS))
    assert not any(private in shown for private in (*OUTPUTS, "key-0.png", "key-1.png"))


def test_a_refusal_shows_its_code_alone() -> None:
    assert str(ports.ProviderRefused(REFUSED)) == "rejected"


def subclasses(error: type[errors.DarkroomError]) -> list[type[errors.DarkroomError]]:
    return [error, *(each for child in error.__subclasses__() for each in subclasses(child))]


def test_every_error_has_a_code_of_its_own() -> None:
    family = [error for error in subclasses(errors.DarkroomError) if error.__module__ == errors.__name__]
    codes = [error.code for error in family]
    assert len(family) > 8
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("error", [errors.TemporarilyUnavailable, errors.ModelListUnavailable])
def test_what_is_temporary_says_when_to_come_back(error: type[errors.TemporarilyUnavailable]) -> None:
    assert error("The database is away.").retry_after == 5
    assert error("The database is away.", retry_after=9).retry_after == 9
