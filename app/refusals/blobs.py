"""Where outputs are kept, and from where they are handed out."""

import base64
import binascii
import json
import re
from urllib.parse import urlsplit

from app.refusals.refusal import Check, Refusal, refused
from app.settings import Settings, StoreKind
from app.storage.cdn import rsa_signer

TOKEN = re.compile(r"vercel_blob_rw_[A-Za-z0-9]+_[A-Za-z0-9]+")
FOLDER = re.compile(r"[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*")
DOTS = {".", ".."}


def _only(kind: StoreKind, check: Check) -> Check:
    return lambda settings: check(settings) if settings.store == kind else None


def _s3_bucket(settings: Settings) -> Refusal | None:
    if settings.s3_bucket:
        return None
    return Refusal("S3_BUCKET", "missing, though outputs are to be kept in one", "Set it to the bucket's name")


def _s3_prefix(settings: Settings) -> Refusal | None:
    prefix = settings.s3_prefix
    if not prefix or (FOLDER.fullmatch(prefix) and not DOTS & set(prefix.split("/"))):
        return None
    return Refusal("S3_PREFIX", "is no folder", "Write it as words with slashes between, such as darkroom/production")


def _s3_region(settings: Settings) -> Refusal | None:
    if settings.s3_region or settings.s3_endpoint:
        return None
    return Refusal(
        "S3_REGION", "missing, so AWS cannot be asked", "Set it to the bucket's region, such as eu-central-1"
    )


def _s3_key(settings: Settings) -> Refusal | None:
    given = bool(settings.s3_access_key_id.get_secret_value())
    needed = settings.s3_secret_access_key.get_secret_value() or settings.s3_session_token.get_secret_value()
    if given or not (needed or settings.s3_endpoint):
        return None
    why = "though its secret is given" if needed else "though S3_ENDPOINT is not AWS, which alone knows roles"
    return Refusal("S3_ACCESS_KEY_ID", f"missing, {why}", "Set it to the id of the access key")


def _s3_secret(settings: Settings) -> Refusal | None:
    if settings.s3_secret_access_key.get_secret_value() or not settings.s3_access_key_id.get_secret_value():
        return None
    cure = "Set it to the secret of that key, or remove both to use the machine's role"
    return Refusal("S3_SECRET_ACCESS_KEY", "missing, though S3_ACCESS_KEY_ID is set", cure)


def _s3_tls(settings: Settings) -> Refusal | None:
    hands_out = settings.serve_files == "redirect" and not settings.cdn_url
    if urlsplit(settings.s3_endpoint).scheme != "http" or not hands_out:
        return None
    cure = "Write it with https://, or set SERVE_FILES=stream to keep it among yourselves"
    return Refusal("S3_ENDPOINT", "would send people to files without TLS", cure)


def _gcs_bucket(settings: Settings) -> Refusal | None:
    if settings.gcs_bucket:
        return None
    return Refusal("GCS_BUCKET", "missing, though outputs are to be kept in one", "Set it to the bucket's name")


def _gcs_credentials(settings: Settings) -> Refusal | None:
    file = settings.gcs_credentials_file
    try:
        if file is None or json.loads(file.read_bytes())["private_key"]:
            return None
        wrong = "has no private_key"
    except OSError as error:
        wrong = f"cannot be read ({error.strerror})"
    except (ValueError, KeyError, TypeError):
        wrong = "is no key of a service account"
    cure = "Set it to the JSON file that Google Cloud made with the key, or remove it to use the machine's identity"
    return Refusal("GCS_CREDENTIALS_FILE", wrong, cure)


def _azure_container(settings: Settings) -> Refusal | None:
    if settings.azure_container:
        return None
    return Refusal("AZURE_CONTAINER", "missing, though outputs are to be kept in one", "Set it to the container's name")


def _azure_account(settings: Settings) -> Refusal | None:
    if settings.azure_account:
        return None
    return Refusal("AZURE_ACCOUNT", "missing, so the container cannot be found", "Set it to the storage account's name")


def _azure_key(settings: Settings) -> Refusal | None:
    try:
        base64.b64decode(settings.azure_key.get_secret_value(), validate=True)
    except binascii.Error:
        cure = "Set it to key1 or key2 of the storage account, or remove it to use the machine's identity"
        return Refusal("AZURE_KEY", "is no access key, which would be base64", cure)
    return None


def _token(settings: Settings) -> Refusal | None:
    given = settings.blob_read_write_token.get_secret_value()
    if TOKEN.fullmatch(given):
        return None
    wrong = "is no token of a blob store" if given else "missing, though outputs are to be kept in Vercel Blob"
    return Refusal("BLOB_READ_WRITE_TOKEN", wrong, "Set it to the store's token, vercel_blob_rw_…, as Vercel shows it")


def _api_tls(settings: Settings) -> Refusal | None:
    if urlsplit(settings.vercel_blob_api_url).scheme == "https":
        return None
    return Refusal("VERCEL_BLOB_API_URL", "would send the token without TLS", "Remove it to use Vercel's own")


def _cdn(settings: Settings) -> Refusal | None:
    if settings.cdn_url and settings.store == "local":
        cure = "Remove it and let the CDN's origin be APP_URL, or keep outputs in a bucket"
        return Refusal("CDN_URL", "set, though there is no bucket behind it", cure)
    if not settings.cdn_url and (settings.cloudfront_key_pair_id or settings.cloudfront_private_key_file):
        return Refusal("CDN_URL", "missing, though CloudFront's key is set", "Set it to the distribution's address")
    return None


def _cdn_tls(settings: Settings) -> Refusal | None:
    if settings.cdn_url and urlsplit(settings.cdn_url).scheme != "https":
        return Refusal("CDN_URL", "would hand out files without TLS", "Write it with https://")
    return None


def _cloudfront_pair(settings: Settings) -> Refusal | None:
    if settings.cloudfront_key_pair_id or not settings.cloudfront_private_key_file:
        return None
    return Refusal("CLOUDFRONT_KEY_PAIR_ID", "missing, though the private key is set", "Set it to the public key's id")


def _cloudfront_key(settings: Settings) -> Refusal | None:
    file, cure = settings.cloudfront_private_key_file, "Set it to the PEM file of the RSA private key, unencrypted"
    if file is None:
        wrong = "missing, though CLOUDFRONT_KEY_PAIR_ID is set"
        return Refusal("CLOUDFRONT_PRIVATE_KEY_FILE", wrong, cure) if settings.cloudfront_key_pair_id else None
    try:
        rsa_signer(file)
    except OSError as error:
        return Refusal("CLOUDFRONT_PRIVATE_KEY_FILE", f"cannot be read ({error.strerror})", cure)
    except ValueError:
        return Refusal("CLOUDFRONT_PRIVATE_KEY_FILE", "holds no RSA private key that can be used", cure)
    return None


OF_THE_STORE: tuple[Check, ...] = (
    *(_only("s3", check) for check in (_s3_bucket, _s3_prefix, _s3_region, _s3_key, _s3_secret)),
    *(_only("gcs", check) for check in (_gcs_bucket, _gcs_credentials)),
    *(_only("azure", check) for check in (_azure_container, _azure_account, _azure_key)),
    _only("vercel", _token),
)
"""What the store that outputs are kept in needs."""
ALWAYS: tuple[Check, ...] = (*OF_THE_STORE, _cdn, _cloudfront_pair, _cloudfront_key)
STRICT: tuple[Check, ...] = (_only("s3", _s3_tls), _only("vercel", _api_tls), _cdn_tls)


def refusals_of_store(settings: Settings) -> list[Refusal]:
    """What is missing for the store alone."""
    return [refusal for check in OF_THE_STORE for refusal in refused(check, settings)]
