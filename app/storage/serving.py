"""How a stored file is handed out, whoever does it: our own door, a bucket, a CDN."""

from app.storage.sniff import SERVED, UNKNOWN

MAX_AGE_SECONDS = 30 * 24 * 3600  # a key never gets other bytes, so nobody need ever ask again
CACHE_CONTROL = f"public, max-age={MAX_AGE_SECONDS}, immutable"
SHOWN_BY_BROWSERS = ("image/", "video/", "audio/")

_BY_EXTENSION = {kind.extension: kind.content_type for kind in SERVED}


def content_type_of(key: str) -> str:
    """A key got its extension from the content, so that it tells the type."""
    return _BY_EXTENSION.get(key.rpartition(".")[2], UNKNOWN.content_type)


def disposition_of(content_type: str) -> str:
    return "inline" if content_type.startswith(SHOWN_BY_BROWSERS) else "attachment"
