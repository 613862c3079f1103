"""A file that a client sent, to be used as the input of predictions."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.domain.prediction import StoredFile

UPLOAD_ID = re.compile(r"file_[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Upload:
    """`stored` tells width and height as shown, after the picture's own orientation. Each use renews `last_used_at`.
    `name` and `metadata` are the client's."""

    id: str
    owner: str
    stored: StoredFile
    created_at: datetime
    last_used_at: datetime
    name: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)


def new_upload_id() -> str:
    return f"file_{secrets.token_hex(16)}"
