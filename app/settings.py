"""Every setting, read once from the environment and `.env`. `.env.example` explains each; a test compares them."""

from decimal import Decimal
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, AnyHttpUrl, Field, SecretStr, TypeAdapter, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

DEVELOPMENT_WEBHOOK_SECRET = "darkroom-development-webhook-secret"  # noqa: S105, public on purpose

Environment = Literal["development", "test", "preview", "production"]
WebhookForm = Literal["string", "object", "object-prediction", "string-filter"]
Words = Annotated[tuple[str, ...], NoDecode]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode]
_http_url = TypeAdapter(AnyHttpUrl)


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
    allow_local_blobs: bool = False
    worker_in_web: bool = False
    worker_slots: int = Field(20, ge=2, le=500)
    worker_lease_seconds: float = Field(25, ge=1, le=600)
    reconcile_max_seconds: float = Field(20, ge=1, le=100)
    adopt_within_seconds: float = Field(600, ge=1, le=86_400)
    resend_unsure_after: float = Field(0, ge=0, le=86_400)
    orphan_age_seconds: float = Field(3600, ge=10)
    max_output_bytes: int = Field(2 * 2**30, ge=1)
    outbound_allow_nets: Networks = ()
    log_format: Literal["auto", "console", "json"] = "auto"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

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

    @field_validator("cors_origins", "skytells_output_hosts", "outbound_allow_nets", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else value

    @field_validator("app_url", "skytells_base_url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value:
            _http_url.validate_python(value)
        return value.rstrip("/")

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
    def skytells_is_emulated(self) -> bool:
        return urlsplit(self.skytells_base_url).hostname in ("127.0.0.1", "localhost", "::1")

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

    @property
    def blobs_folder(self) -> Path:
        return self.darkroom_data / "blobs"


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
