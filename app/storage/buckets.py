"""Which bucket: the three kinds that obstore knows, each from its own few words."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from obstore.store import AzureStore, GCSStore, ObjectStore, S3Store

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig  # which it has for type checkers alone


@dataclass(frozen=True, slots=True)
class Patience:
    """With a bucket, in seconds: for a connection, for one request (a part, or the store's putting together of many),
    and after how long a failed request is not tried again, since then it is the whole attempt's turn."""

    connect: float = 5
    request: float = 60
    retry: float = 20
    most_retries: int = 5


USUAL = Patience()


@dataclass(frozen=True, slots=True)
class S3Place:
    """`endpoint` is empty for AWS itself; without a key the machine's own role is asked for one."""

    bucket: str
    prefix: str
    endpoint: str
    region: str
    path_style: bool
    access_key_id: str = field(default="", repr=False)
    secret_access_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)

    @property
    def signs(self) -> bool:
        """Whether addresses for others can be signed here, without asking anybody's permission."""
        return True

    def open(self, patience: Patience = USUAL) -> ObjectStore:
        config = {
            "aws_endpoint_url_s3": self._address(),
            "region": self.region,
            "access_key_id": self.access_key_id,
            "secret_access_key": self.secret_access_key,
            "session_token": self.session_token,
        }
        return S3Store(
            self.bucket,
            prefix=self.prefix,
            config={name: value for name, value in config.items() if value},  # type: ignore[arg-type]
            virtual_hosted_style_request=not self.path_style,
            disable_bulk_delete=True,  # which not every compatible store has
            client_options=_client(self.endpoint, patience),
            retry_config=_retries(patience),
        )

    def _address(self) -> str:
        """obstore wants the bucket's name in the host where it is not in the path."""
        parts = urlsplit(self.endpoint)
        if not self.endpoint or self.path_style:
            return self.endpoint
        return parts._replace(netloc=f"{self.bucket}.{parts.netloc}").geturl()


@dataclass(frozen=True, slots=True)
class GcsPlace:
    """Without a file of credentials the machine's own identity is used. `base_url` is for stand-ins."""

    bucket: str
    prefix: str
    credentials_file: Path | None
    base_url: str = ""

    @property
    def signs(self) -> bool:
        return self.credentials_file is not None

    def open(self, patience: Patience = USUAL) -> ObjectStore:
        config = {"service_account": str(self.credentials_file or ""), "base_url": self.base_url}
        return GCSStore(
            self.bucket,
            prefix=self.prefix,
            config={name: value for name, value in config.items() if value},  # type: ignore[arg-type]
            client_options=_client(self.base_url, patience),
            retry_config=_retries(patience),
        )


@dataclass(frozen=True, slots=True)
class AzurePlace:
    """Without a key the machine's managed identity is used. `endpoint` is for stand-ins."""

    container: str
    prefix: str
    account: str
    key: str = field(default="", repr=False)
    endpoint: str = ""

    @property
    def signs(self) -> bool:
        return bool(self.key)

    def open(self, patience: Patience = USUAL) -> ObjectStore:
        config = {"account_name": self.account, "account_key": self.key, "endpoint": self.endpoint}
        return AzureStore(
            self.container,
            prefix=self.prefix,
            config={name: value for name, value in config.items() if value},  # type: ignore[arg-type]
            client_options=_client(self.endpoint, patience),
            retry_config=_retries(patience),
        )


def _client(address: str, patience: Patience) -> "ClientConfig":
    return {
        "allow_http": urlsplit(address).scheme == "http",
        "connect_timeout": timedelta(seconds=patience.connect),
        "timeout": timedelta(seconds=patience.request),
        "user_agent": "darkroom",
    }


def _retries(patience: Patience) -> "RetryConfig":
    return {
        "max_retries": patience.most_retries,
        "retry_timeout": timedelta(seconds=patience.retry),
        "backoff": {"init_backoff": timedelta(milliseconds=200), "max_backoff": timedelta(seconds=4), "base": 2},
    }
