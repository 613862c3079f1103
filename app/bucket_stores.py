"""The bucket that the settings name, through obstore."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.settings import Settings
from app.storage.bucket import Bucket
from app.storage.bucket_calls import BucketCalls
from app.storage.buckets import AzurePlace, GcsPlace, S3Place
from app.storage.spool import Spool


@contextmanager
def open_bucket(settings: Settings, spool: Spool) -> Iterator[Bucket]:
    place = _place(settings)
    calls = BucketCalls()
    try:
        yield Bucket(place.open(), spool=spool, calls=calls, signs=place.signs)
    finally:
        calls.close()


def _place(settings: Settings) -> S3Place | GcsPlace | AzurePlace:
    prefix = settings.blobs_prefix
    if settings.store == "gcs":
        return GcsPlace(settings.gcs_bucket, prefix, settings.gcs_credentials_file)
    if settings.store == "azure":
        key = settings.azure_key.get_secret_value()
        return AzurePlace(settings.azure_container, prefix, settings.azure_account, key)
    return S3Place(
        settings.s3_bucket,
        prefix,
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        path_style=settings.s3_path_style,
        access_key_id=settings.s3_access_key_id.get_secret_value(),
        secret_access_key=settings.s3_secret_access_key.get_secret_value(),
        session_token=settings.s3_session_token.get_secret_value(),
    )
