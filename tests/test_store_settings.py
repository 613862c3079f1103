"""Where outputs are kept: which store the settings mean, and what each one needs."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.refusals import UnsafeSettings, find_refusals, load_settings
from app.settings import Settings
from app.stores import files_url
from tests.test_settings import SAFE

TOKEN = "vercel_blob_rw_abc123_secretOfTheStore"
S3: dict[str, Any] = {
    "s3_bucket": "pictures",
    "s3_region": "eu-central-1",
    "s3_access_key_id": "AKIA123",
    "s3_secret_access_key": "secretOfTheStore",
}
GCS: dict[str, Any] = {"gcs_bucket": "pictures"}
AZURE: dict[str, Any] = {
    "azure_container": "pictures",
    "azure_account": "darkroom",
    "azure_key": "c2VjcmV0T2ZUaGVTdG9yZQ==",
}
VERCEL: dict[str, Any] = {"blob_read_write_token": TOKEN}
STORES: dict[str, dict[str, Any]] = {"s3": S3, "gcs": GCS, "azure": AZURE, "vercel": VERCEL}
ALIASES = (
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*Settings.model_fields, *ALIASES]:
        monkeypatch.delenv(name.upper(), raising=False)


def in_production(**given: Any) -> dict[str, Any]:
    """Settings that are safe but for the store; the disk is not allowed."""
    return {**SAFE, "allow_local_blobs": False, **given}


def refused(**given: Any) -> list[str]:
    try:
        load_settings(**given)
    except UnsafeSettings as refusal:
        assert all(each.cure for each in refusal.refusals)
        return [each.setting for each in refusal.refusals]
    return []


@pytest.mark.parametrize("kind", STORES)
def test_a_store_that_is_named_is_used_and_needs_no_leave_for_the_disk(kind: str) -> None:
    assert Settings(_env_file=None, **STORES[kind]).store == kind
    assert refused(**in_production(**STORES[kind])) == []


def test_without_any_it_is_the_disk_and_that_needs_leave_in_production() -> None:
    assert Settings(_env_file=None).store == "local"
    assert refused(**in_production()) == ["ALLOW_LOCAL_BLOBS"]


def test_vercel_s_own_token_comes_before_a_bucket_and_storage_before_both() -> None:
    everything = {**S3, **GCS, **AZURE, **VERCEL}
    assert Settings(_env_file=None, **everything).store == "vercel"
    assert Settings(_env_file=None, **everything, storage="local").store == "local"
    assert Settings(_env_file=None, **everything, storage="azure").store == "azure"


INCOMPLETE: list[tuple[str, dict[str, Any]]] = [
    ("S3_BUCKET", S3 | {"storage": "s3", "s3_bucket": ""}),
    ("S3_REGION", S3 | {"s3_region": ""}),
    ("S3_ACCESS_KEY_ID", S3 | {"s3_access_key_id": ""}),
    ("S3_SECRET_ACCESS_KEY", S3 | {"s3_secret_access_key": ""}),
    (
        "S3_ACCESS_KEY_ID",
        {"s3_bucket": "pictures", "s3_endpoint": "https://account.r2.cloudflarestorage.com"},
    ),
    (
        "S3_ACCESS_KEY_ID",
        {"s3_bucket": "pictures", "s3_region": "eu-central-1", "s3_session_token": "secretOfTheStore"},
    ),
    ("S3_ENDPOINT", S3 | {"s3_endpoint": "account.r2.cloudflarestorage.com"}),
    ("S3_ENDPOINT", S3 | {"s3_endpoint": "http://minio:9000"}),
    ("S3_PREFIX", S3 | {"s3_prefix": "a//b"}),
    ("S3_PREFIX", S3 | {"s3_prefix": "../other"}),
    ("GCS_BUCKET", {"storage": "gcs"}),
    ("GCS_CREDENTIALS_FILE", GCS | {"gcs_credentials_file": "/nothing/here.json"}),
    ("AZURE_CONTAINER", AZURE | {"storage": "azure", "azure_container": ""}),
    ("AZURE_ACCOUNT", AZURE | {"azure_account": ""}),
    ("AZURE_KEY", AZURE | {"azure_key": "secretOfTheStore!"}),
    ("BLOB_READ_WRITE_TOKEN", {"storage": "vercel"}),
    ("BLOB_READ_WRITE_TOKEN", {"blob_read_write_token": "secretOfTheStore"}),
    ("BLOB_ACCESS", VERCEL | {"blob_access": "mine"}),
    ("VERCEL_BLOB_API_URL", VERCEL | {"vercel_blob_api_url": "http://vercel.example/api/blob"}),
    ("STORAGE", {"storage": "floppy"}),
    ("SERVE_FILES", S3 | {"serve_files": "somehow"}),
    ("CDN_URL", {"storage": "local", "allow_local_blobs": True, "cdn_url": "https://cdn.example.com"}),
    ("CDN_URL", S3 | {"cdn_url": "http://cdn.example.com"}),
    ("CDN_URL", S3 | {"cdn_url": "cdn.example.com"}),
    ("CLOUDFRONT_PRIVATE_KEY_FILE", S3 | {"cdn_url": "https://cdn.example.com", "cloudfront_key_pair_id": "K2"}),
    (
        "CLOUDFRONT_PRIVATE_KEY_FILE",
        S3
        | {
            "cdn_url": "https://cdn.example.com",
            "cloudfront_key_pair_id": "K2",
            "cloudfront_private_key_file": "/nothing/here.pem",
        },
    ),
    ("CDN_URL", S3 | {"cloudfront_key_pair_id": "K2", "cloudfront_private_key_file": "KEY"}),
    ("CLOUDFRONT_KEY_PAIR_ID", S3 | {"cdn_url": "https://cdn.example.com", "cloudfront_private_key_file": "KEY"}),
]


@pytest.fixture(scope="module")
def rsa_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _pem(tmp_path_factory.mktemp("rsa") / "key.pem", rsa.generate_private_key(65537, 2048))


def _pem(file: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> Path:
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return file


@pytest.mark.parametrize(("name", "given"), INCOMPLETE, ids=[name for name, _ in INCOMPLETE])
def test_an_incomplete_store_is_refused_with_its_cure(name: str, given: dict[str, Any], rsa_key: Path) -> None:
    given = {key: rsa_key if value == "KEY" else value for key, value in given.items()}
    assert refused(**in_production(**given)) == [name]


def test_a_file_of_the_wrong_kind_is_refused(tmp_path: Path) -> None:
    curve = _pem(tmp_path / "curve.pem", ec.generate_private_key(ec.SECP256R1()))
    given = S3 | {"cdn_url": "https://cdn.example.com", "cloudfront_key_pair_id": "K2"}
    assert refused(**in_production(**given, cloudfront_private_key_file=curve)) == ["CLOUDFRONT_PRIVATE_KEY_FILE"]
    for content in ("[]", "{}", "nonsense"):
        (tmp_path / "account.json").write_text(content)
        wrong = refused(**in_production(**GCS, gcs_credentials_file=tmp_path / "account.json"))
        assert wrong == ["GCS_CREDENTIALS_FILE"]
    (tmp_path / "account.json").write_text(json.dumps({"private_key": "…"}))
    assert refused(**in_production(**GCS, gcs_credentials_file=tmp_path / "account.json")) == []


def test_a_role_of_the_machine_needs_no_key() -> None:
    assert refused(**in_production(s3_bucket="pictures", s3_region="eu-central-1")) == []


def test_a_private_endpoint_may_do_without_tls_if_files_go_through_us() -> None:
    inside: dict[str, Any] = S3 | {"s3_endpoint": "http://minio:9000"}
    assert refused(**in_production(**inside, serve_files="stream")) == []
    assert refused(**in_production(**inside, cdn_url="https://cdn.example.com")) == []


def test_a_plain_cdn_is_listed_in_answers_and_a_signed_one_behind_our_door(rsa_key: Path) -> None:
    ours: dict[str, Any] = {"APP_URL": "https://darkroom.example.com"}
    cdn: dict[str, Any] = {"cdn_url": "https://cdn.example.com/"}
    signed: dict[str, Any] = {"cloudfront_key_pair_id": "K2", "cloudfront_private_key_file": rsa_key}
    for given, expected in (
        (ours | S3, "https://darkroom.example.com/files"),
        (ours | S3 | cdn, "https://cdn.example.com/development"),
        (ours | S3 | cdn | {"s3_prefix": "/a/b/"}, "https://cdn.example.com/a/b"),
        (ours | GCS | cdn | {"s3_prefix": "a"}, "https://cdn.example.com/development"),
        (ours | S3 | cdn | signed, "https://darkroom.example.com/files"),
    ):
        settings = Settings(_env_file=None, skytells_api_key="sk", **given)
        assert find_refusals(settings) == []
        assert files_url(settings) == expected


def test_names_that_aws_gave_are_read_too_and_ours_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ALIASES:
        monkeypatch.setenv(name, "https://s3.example.com" if "URL" in name else f"of-{name}")
    monkeypatch.setenv("S3_REGION", "ours")
    settings = Settings(_env_file=None)
    assert (settings.s3_endpoint, settings.s3_region) == ("https://s3.example.com", "ours")
    assert settings.s3_access_key_id.get_secret_value() == "of-AWS_ACCESS_KEY_ID"
    assert settings.s3_secret_access_key.get_secret_value() == "of-AWS_SECRET_ACCESS_KEY"
    assert settings.s3_session_token.get_secret_value() == "of-AWS_SESSION_TOKEN"
    assert settings.store == "local"


def test_no_store_s_secret_shows_in_a_repr_or_a_refusal() -> None:
    settings = Settings(_env_file=None, **S3, **AZURE, **VERCEL, s3_session_token="secretOfTheStore")
    given = in_production(blob_read_write_token="secretOfTheStore", azure_key="secretOfTheStore!", storage="vercel")
    with pytest.raises(UnsafeSettings) as refusal:
        load_settings(**given)
    for text in (repr(settings), str(settings), str(refusal.value)):
        assert not any(secret in text for secret in ("secretOf", "AKIA123", "c2VjcmV0"))
