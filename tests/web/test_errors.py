"""Every business error has its status, and every code its title."""

from collections.abc import Iterator

import pytest

from app.domain.errors import DarkroomError
from app.web.errors import OWN_STATUSES, STATUSES, TITLES, RequestProblem, status_of, status_of_code


def tree(root: type[DarkroomError]) -> Iterator[type[DarkroomError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from tree(kind)


OURS = [kind for kind in tree(DarkroomError) if kind.__module__.startswith("app.")]
ERRORS = [kind for kind in OURS if not issubclass(kind, RequestProblem)]


@pytest.mark.parametrize("kind", ERRORS)
def test_every_business_error_has_a_status_and_a_title(kind: type[DarkroomError]) -> None:
    assert 400 <= STATUSES[kind] <= 599
    assert TITLES[kind.code]


def test_no_two_errors_share_a_code() -> None:
    assert len({kind.code for kind in ERRORS}) == len(ERRORS)
    assert not {kind.code for kind in ERRORS} & set(OWN_STATUSES)


def test_every_code_of_the_door_has_a_title_and_every_title_a_code() -> None:
    assert set(TITLES) == {kind.code for kind in ERRORS} | set(OWN_STATUSES)


def test_a_code_tells_its_status() -> None:
    assert status_of(RequestProblem("body_too_large", "")) == status_of_code("body_too_large") == 413
    assert status_of_code("idempotency_conflict") == 422
