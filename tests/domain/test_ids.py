import time
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from app.domain.ids import first_id, uuid7

MILLISECOND = timedelta(milliseconds=1)
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))


@given(MOMENTS)
def test_an_id_is_a_uuid_of_version_seven(now: datetime) -> None:
    value = uuid7(now)
    assert value.version == 7
    assert value.variant == RFC_4122


@given(MOMENTS)
def test_its_first_48_bits_are_the_milliseconds(now: datetime) -> None:
    milliseconds = uuid7(now).int >> 80
    assert timedelta() <= now - (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)) < MILLISECOND


@given(MOMENTS, MOMENTS)
def test_ids_sort_by_their_time(one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    second = max(second, first + MILLISECOND)
    assert uuid7(first) < uuid7(second)
    assert str(uuid7(first)) < str(uuid7(second))


def test_ids_of_one_moment_differ() -> None:
    now = datetime.fromtimestamp(time.time(), UTC)
    assert len({uuid7(now) for _ in range(10_000)}) == 10_000


def test_every_random_bit_is_random() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    values = [uuid7(now).int for _ in range(200)]
    always, ever = values[0], 0
    for value in values:
        always &= value
        ever |= value
    varying = ever & ~always
    assert varying == (2**12 - 1) << 64 | (2**62 - 1)


@given(MOMENTS, MOMENTS)
def test_the_first_id_of_a_time_parts_the_earlier_from_the_later(one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    second = max(second, first + MILLISECOND)
    assert uuid7(first) < first_id(second) <= uuid7(second)
