"""Every setting, read once from the environment and `.env`. `.env.example` explains each; a test compares them."""

from decimal import Decimal
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AliasChoices, AnyHttpUrl, Field, SecretStr, TypeAdapter, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.domain.rates import parse_rate

DEVELOPMENT_WEBHOOK_SECRET = "darkroom-development-webhook-secret"  # noqa: S105, public on purpose

PROVIDER_KEYS = {
    "skytells": "SKYTELLS_API_KEY",
    "replicate": "REPLICATE_API_TOKEN",
    "stability": "STABILITY_API_KEY",
    "fal": "FAL_KEY",
}
"""By provider, the setting that makes it one of ours."""

Environment = Literal["development", "test", "preview", "production"]
StoreKind = Literal["local", "s3", "gcs", "azure", "vercel"]
WebhookForm = Literal["string", "object", "object-prediction", "string-filter"]
Words = Annotated[tuple[str, ...], NoDecode]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode]
_http_url = TypeAdapter(AnyHttpUrl)


def _or(*names: str, default: Any = "") -> Any:
    """A setting under its own name, or else under those that others know it by."""
    return Field(default, validation_alias=AliasChoices(*names))


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True, env_ignore_empty=True
    )

    environment: Environment = "development"
    port: int = Field(8000, ge=1, le=65535)
    host: str = "127.0.0.1"
    app_url: str = Field("", validation_alias=AliasChoices("APP_URL", "NEXT_PUBLIC_APP_URL"))
    darkroom_data: Path = Path("data")
    database_url: SecretStr = SecretStr("")
    database_direct_url: SecretStr = SecretStr("")
    database_pool_size: int = Field(15, ge=1, le=200)

    auth_required: bool = False
    cors_origins: Words = ()
    trusted_proxies: Networks = ()
    rate_limit_generate: str = "10/minute"
    rate_limit_batch: str = "2/minute"
    rate_limit_quote: str = "120/minute"
    max_unfinished: int = Field(0, ge=0)
    max_streams: int = Field(100, ge=0)
    retry_guard_seconds: float = Field(10, ge=0, le=600)
    redis_url: SecretStr = SecretStr("")
    http_header_seconds: float = Field(10, gt=0, le=60)
    http_body_seconds: float = Field(30, gt=0, le=600)
    http_idle_seconds: float = Field(75, gt=0, le=600)
    http_stall_seconds: float = Field(60, gt=0, le=600)
    openai_wait_seconds: int = Field(240, ge=1, le=3600)
    accel_redirect_prefix: str = Field("", pattern=r"^(/[A-Za-z0-9_-]+)*$")
    storage: StoreKind | None = None
    allow_local_blobs: bool = False
    serve_files: Literal["redirect", "stream"] = "redirect"
    cdn_url: str = ""
    cloudfront_key_pair_id: str = ""
    cloudfront_private_key_file: Path | None = None
    s3_bucket: str = ""
    s3_prefix: str = ""
    s3_endpoint: str = _or("s3_endpoint", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    s3_region: str = _or("s3_region", "AWS_REGION", "AWS_DEFAULT_REGION")
    s3_path_style: bool = True
    s3_access_key_id: SecretStr = _or("s3_access_key_id", "AWS_ACCESS_KEY_ID", default=SecretStr(""))
    s3_secret_access_key: SecretStr = _or("s3_secret_access_key", "AWS_SECRET_ACCESS_KEY", default=SecretStr(""))
    s3_session_token: SecretStr = _or("s3_session_token", "AWS_SESSION_TOKEN", default=SecretStr(""))
    gcs_bucket: str = ""
    gcs_credentials_file: Path | None = None
    azure_container: str = ""
    azure_account: str = ""
    azure_key: SecretStr = SecretStr("")
    blob_read_write_token: SecretStr = SecretStr("")
    blob_access: Literal["public", "private"] = "public"
    vercel_blob_api_url: str = "https://vercel.com/api/blob"
    worker_in_web: bool = False
    worker_slots: int = Field(20, ge=2, le=500)
    worker_lease_seconds: float = Field(25, ge=1, le=600)
    worker_drain_seconds: float = Field(12, ge=0, le=600)
    reconcile_max_seconds: float = Field(20, ge=1, le=100)
    adopt_within_seconds: float = Field(600, ge=1, le=86_400)
    resend_unsure_after: float = Field(0, ge=0, le=86_400)
    orphan_age_seconds: float = Field(3600, ge=10)
    retain_predictions_days: float = Field(0, ge=0)
    retain_deliveries_days: float = Field(30, ge=0)
    webhook_disable_days: int = Field(5, ge=0, le=365)
    upload_retention_hours: float = Field(24, gt=0)
    disk_reserve_mb: int = Field(512, ge=0)
    read_cache_mb: int = Field(32, ge=0)
    max_output_bytes: int = Field(2 * 2**30, ge=1)
    outbound_allow_nets: Networks = ()
    log_format: Literal["auto", "console", "json"] = "auto"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    otel_exporter_otlp_endpoint: str = ""
    sentry_dsn: SecretStr = SecretStr("")
    posthog_api_key: SecretStr = SecretStr("")
    posthog_host: str = "https://us.i.posthog.com"

    darkroom_url: str = ""
    darkroom_key: SecretStr = SecretStr("")

    daily_budget: Decimal | None = Field(None, ge=0)
    budget_timezone: str = "UTC"
    ceiling_price: Decimal | None = Field(None, ge=0)
    prices_file: Path | None = None
    spend_alert_webhook: str = ""

    moderation: Literal["off", "deny-list", "endpoint"] = "deny-list"
    moderation_deny_file: Path | None = None
    moderation_url: str = ""
    moderation_api_key: SecretStr = SecretStr("")
    moderation_model: str = "omni-moderation-latest"
    moderation_on_trouble: Literal["refuse", "allow"] = "refuse"

    default_provider: str = "skytells"
    default_model: str = "truefusion-pro"

    skytells_api_key: SecretStr = SecretStr("")
    skytells_webhook_secret: SecretStr = SecretStr("")
    skytells_base_url: str = "https://api.skytells.ai/v1"
    skytells_output_hosts: Words = (
        "cdn.skytells.ai",
        "delivery.skytells.cloud",
        "storage.skytells.ai",
        "api.skytells.ai",
        "skytells-ai.s3.us-east-1.amazonaws.com",
        "*.r2.dev",
        "*.cloudflarestorage.com",
    )
    skytells_output_lifetime_seconds: float = Field(300, ge=1, le=604_800)
    skytells_webhook_form: WebhookForm = "string"
    skytells_usd_per_credit: Decimal = Field(Decimal(1), gt=0)

    replicate_api_token: SecretStr = SecretStr("")
    replicate_webhook_secret: SecretStr = SecretStr("")
    replicate_base_url: str = "https://api.replicate.com/v1"
    replicate_output_hosts: Words = ("replicate.delivery", "*.replicate.delivery")
    replicate_output_lifetime_seconds: float = Field(3600, ge=1, le=604_800)
    replicate_models: Words = ()

    fal_key: SecretStr = SecretStr("")
    fal_base_url: str = "https://queue.fal.run"
    fal_platform_url: str = "https://api.fal.ai/v1"
    fal_jwks_url: str = "https://rest.fal.ai/.well-known/jwks.json"
    fal_user_ids: Words = ()
    fal_output_hosts: Words = ("fal.media", "*.fal.media")
    fal_output_lifetime_seconds: float = Field(86_400, ge=60, le=604_800)
    fal_models_file: Path | None = None

    stability_api_key: SecretStr = SecretStr("")
    stability_base_url: str = "https://api.stability.ai"

    skytells_max_requests: str = "off"
    skytells_max_at_once: int = Field(0, ge=0)
    replicate_max_requests: str = "600/minute"
    replicate_max_at_once: int = Field(0, ge=0)
    stability_max_requests: str = "150 per 10 seconds"
    stability_max_at_once: int = Field(12, ge=0)
    fal_max_requests: str = "off"
    fal_max_at_once: int = Field(0, ge=0)

    @field_validator(
        "cors_origins",
        "skytells_output_hosts",
        "replicate_output_hosts",
        "replicate_models",
        "fal_output_hosts",
        "fal_user_ids",
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else value

    @field_validator("outbound_allow_nets", "trusted_proxies", mode="before")
    @classmethod
    def _split_networks(cls, value: Any) -> Any:
        return tuple(ip_network(word) for word in _words(value)) if isinstance(value, str) else value

    @field_validator(
        "app_url",
        "skytells_base_url",
        "replicate_base_url",
        "fal_base_url",
        "fal_platform_url",
        "fal_jwks_url",
        "stability_base_url",
        "moderation_url",
        "cdn_url",
        "s3_endpoint",
        "vercel_blob_api_url",
        "otel_exporter_otlp_endpoint",
        "posthog_host",
    )
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value:
            _http_url.validate_python(value)
        return value.rstrip("/")

    @field_validator("budget_timezone")
    @classmethod
    def _is_timezone(cls, value: str) -> str:
        try:
            return ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("is no time zone of the IANA database, such as Europe/Berlin") from error

    @field_validator(
        "rate_limit_generate",
        "rate_limit_batch",
        "rate_limit_quote",
        "skytells_max_requests",
        "replicate_max_requests",
        "stability_max_requests",
        "fal_max_requests",
    )
    @classmethod
    def _is_rate(cls, value: str) -> str:
        parse_rate(value)
        return value

    @field_validator("s3_prefix")
    @classmethod
    def _without_outer_slashes(cls, value: str) -> str:
        return value.strip("/")

    @field_validator("darkroom_data")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.absolute()

    @cached_property
    def public_url(self) -> str:
        return self.app_url or f"http://{self.host}:{self.port}"

    @property
    def is_strict(self) -> bool:
        """A preview is as strict as production."""
        return self.environment in ("production", "preview")

    @property
    def providers(self) -> tuple[str, ...]:
        """Those whose keys are set."""
        return tuple(name for name, setting in PROVIDER_KEYS.items() if self._has(setting))

    def _has(self, setting: str) -> bool:
        key: SecretStr = getattr(self, setting.lower())
        return bool(key.get_secret_value().strip(" ,"))

    @property
    def skytells_is_emulated(self) -> bool:
        return is_of_this_machine(self.skytells_base_url)

    @property
    def replicate_is_emulated(self) -> bool:
        return is_of_this_machine(self.replicate_base_url)

    @cached_property
    def skytells_webhook_secrets(self) -> tuple[str, ...]:
        """Newest first: the setting's, else the API key, which Skytells signs with unless told otherwise.

        In development a documented constant stands in, so that the recipe in the README works at once.
        """
        given = _words(self.skytells_webhook_secret.get_secret_value())
        if given:
            return given
        key = _words(self.skytells_api_key.get_secret_value())
        return key if self.is_strict else (*key, DEVELOPMENT_WEBHOOK_SECRET)

    @cached_property
    def replicate_webhook_secrets(self) -> tuple[str, ...]:
        """Newest first."""
        return _words(self.replicate_webhook_secret.get_secret_value())

    @property
    def store(self) -> StoreKind:
        """Where outputs are kept: as STORAGE says, else in the first store that is named, else here."""
        if self.storage is not None:
            return self.storage
        named: dict[StoreKind, bool] = {
            "vercel": bool(self.blob_read_write_token.get_secret_value()),
            "s3": bool(self.s3_bucket),
            "gcs": bool(self.gcs_bucket),
            "azure": bool(self.azure_container),
        }
        return next((kind for kind, is_named in named.items() if is_named), "local")

    @property
    def blobs_folder(self) -> Path:
        return self.darkroom_data / "blobs"

    @property
    def blobs_prefix(self) -> str:
        """The folder within a bucket. An environment's own, so that a preview cannot sweep production's files away."""
        return self.s3_prefix if self.store == "s3" and self.s3_prefix else self.environment


def is_of_this_machine(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
