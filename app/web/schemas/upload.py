"""Files that clients send."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class UploadView(BaseModel):
    """As it is kept: without its metadata, unless that was asked for; width and height as shown."""

    id: str = Field(description="For `image`, `mask` and the like in an input.")
    content_type: str
    bytes: int
    width: int | None
    height: int | None
    created_at: datetime
    expires_at: datetime = Field(description="Each use moves it on; an unfinished prediction keeps it longer.")


class UploadDeleted(BaseModel):
    """Gone for good here. Caches, and a provider that was given its address, may keep copies."""

    id: str
    deleted: Literal[True] = True
