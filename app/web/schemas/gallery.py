"""What everybody sees."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field


class GalleryFile(BaseModel):
    url: str
    content_type: str | None
    width: int | None
    height: int | None
    thumbnail_url: str | None
    thumbhash: str | None


class GalleryItem(BaseModel):
    """A published prediction, and nothing private of it."""

    id: UUID
    prompt: str
    provider: str
    model: str
    files: list[GalleryFile]
    published_at: datetime
    url: str = Field(description="Its page, for people.")


class GalleryPage(BaseModel):
    data: list[GalleryItem]
    next: str | None = Field(description="The cursor of the next page, null on the last.")
