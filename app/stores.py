"""Which store the settings name, opened; and from where its files are handed out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import httpx

from app.outbound.vercel_blob import VercelBlobApi
from app.settings import Settings, StoreKind
from app.storage.cdn import Cdn, CloudFrontSigner, rsa_signer
from app.storage.local import LocalStore
from app.storage.port import BlobStore, Link
from app.storage.spool import Spool
from app.storage.vercel import VercelStore

VERCEL_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
LINK_SECONDS = 900
PULSE_SECONDS: dict[StoreKind, float] = {"local": 1, "s3": 60, "gcs": 60, "azure": 60, "vercel": 600}
"""How long a store that works is believed to. A probe is three billed requests, and Vercel's plans count few."""

BUCKET_SWEEP_SECONDS = 6 * 3600
"""A bucket is listed no more often: a thousand names are one billed request."""


@asynccontextmanager
async def open_blobs(settings: Settings) -> AsyncIterator[BlobStore]:
    """Opens no connection yet. What the kind needs is in the settings, or they were refused."""
    match settings.store:
        case "local":
            yield LocalStore(settings.blobs_folder)
        case "vercel":
            async with httpx.AsyncClient(timeout=VERCEL_TIMEOUT) as http:
                yield _vercel(settings, http)
        case "s3" | "gcs" | "azure":
            # obstore is 15 MB of Rust, which a house with a disk of its own never loads.
            from app.bucket_stores import open_bucket  # noqa: PLC0415

            with open_bucket(settings, _spool(settings)) as bucket:
                yield bucket


def cdn_of(settings: Settings) -> Cdn | None:
    """In front of the bucket's root."""
    if not settings.cdn_url:
        return None
    file, signer = settings.cloudfront_private_key_file, None
    if file is not None:
        signer = CloudFrontSigner(settings.cloudfront_key_pair_id, rsa_signer(file))
    return Cdn(f"{settings.cdn_url}/{settings.blobs_prefix}", signer)


def link_of(settings: Settings, blobs: BlobStore) -> Link | None:
    """How a key becomes an address elsewhere that is good for LINK_SECONDS, or None to hand files out ourselves."""
    if settings.serve_files == "stream":
        return None
    return partial((cdn_of(settings) or blobs).link, seconds=LINK_SECONDS)


def files_url(settings: Settings) -> str:
    """Under which keys lie in answers: ours, or a CDN's that opens to all."""
    cdn = cdn_of(settings)
    return cdn.base if cdn is not None and cdn.signer is None else f"{settings.public_url}/files"


def sweep_seconds(settings: Settings) -> float:
    """How often orphans are looked for."""
    usual = settings.orphan_age_seconds / 2
    return usual if settings.store == "local" else max(usual, BUCKET_SWEEP_SECONDS)


def _spool(settings: Settings) -> Spool:
    return Spool(settings.darkroom_data / "spool")


def _vercel(settings: Settings, http: httpx.AsyncClient) -> VercelStore:
    access = settings.blob_access
    token = settings.blob_read_write_token.get_secret_value()
    api = VercelBlobApi(http, token=token, base=settings.vercel_blob_api_url, access=access)
    return VercelStore(api, folder=settings.blobs_prefix, is_public=access == "public", spool=_spool(settings))
