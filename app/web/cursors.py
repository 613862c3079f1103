"""Cursors of lists: opaque to clients, the last shown id within."""

import base64
import binascii
from uuid import UUID

from app.domain.errors import FieldProblem, InvalidRequest


def write_cursor(last: UUID) -> str:
    return base64.urlsafe_b64encode(last.bytes).decode().rstrip("=")


def read_cursor(text: str) -> UUID:
    try:
        return UUID(bytes=base64.b64decode(text + "==", altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        problem = FieldProblem("cursor", "must be the `next` of an earlier page")
        raise InvalidRequest("The cursor cannot be used.", problems=(problem,)) from None
