"""UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, then random bits, so that newer ids sort later."""

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def uuid7(now: datetime) -> UUID:
    milliseconds = (now - EPOCH) // timedelta(milliseconds=1) & (2**48 - 1)
    random = secrets.randbits(74)
    value = milliseconds << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (2**62 - 1)
    return UUID(int=value)


def first_id(at: datetime) -> UUID:
    """Below every id that was made from then on."""
    return UUID(int=((at - EPOCH) // timedelta(milliseconds=1) & (2**48 - 1)) << 80)
