"""Why this process must not start: each unsafe or missing setting with its name, what is wrong, and the cure."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import ValidationError

from app.db.engine import Address
from app.outbound.hosts import HostRules
from app.settings import DEVELOPMENT_WEBHOOK_SECRET, Settings


@dataclass(frozen=True, slots=True)
class Refusal:
    setting: str
    wrong: str
    cure: str

    def __str__(self) -> str:
        return f"{self.setting}: {self.wrong}. {self.cure}."


class UnsafeSettings(Exception):
    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__("\n".join(map(str, refusals)))
        self.refusals = refusals


def load_settings(**given: object) -> Settings:
    """The settings, or UnsafeSettings with everything that is wrong at once."""
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise UnsafeSettings(unreadable(error)) from None
    refusals = find_refusals(settings)
    if refusals:
        raise UnsafeSettings(refusals)
    return settings


def find_refusals(settings: Settings) -> list[Refusal]:
    found = [
        _api_key(settings),
        _auth(settings),
        _address("DATABASE_URL", settings.database_url.get_secret_value()),
        _address("DATABASE_DIRECT_URL", settings.database_direct_url.get_secret_value()),
        _output_hosts(settings),
    ]
    if settings.is_strict:
        found += [
            _app_url(settings),
            _cors(settings),
            _webhook_secret(settings),
            _emulator(settings),
            _local_blobs(settings),
            _outbound(settings),
            _embedded_database(settings),
        ]
    return [refusal for refusal in found if refusal is not None]


def unreadable(error: ValidationError) -> list[Refusal]:
    return [_unreadable(dict(problem)) for problem in error.errors()]


def _unreadable(problem: dict[str, object]) -> Refusal:
    location = problem["loc"]
    name = str(location[0] if isinstance(location, tuple) and location else location).upper()
    return Refusal(name, f"not usable ({problem['msg']})", "See .env.example for its form")


def _api_key(settings: Settings) -> Refusal | None:
    if settings.skytells_api_key.get_secret_value():
        return None
    return Refusal(
        "SKYTELLS_API_KEY",
        "missing, so nothing can be bought",
        "Set it to your key (sk-…), or run ./scripts/up, which brings an emulator",
    )


def _auth(settings: Settings) -> Refusal | None:
    if settings.is_strict and "auth_required" in settings.model_fields_set and not settings.auth_required:
        return Refusal(
            "AUTH_REQUIRED",
            f"cannot be switched off in {settings.environment}",
            "Remove it or set it to true",
        )
    return None


def _address(name: str, url: str) -> Refusal | None:
    if not url:
        return None
    try:
        Address.parse(url)
    except ValueError:
        return Refusal(name, "is no Postgres URL", "Write it as postgresql://user:password@host:5432/database")
    return None


def _output_hosts(settings: Settings) -> Refusal | None:
    try:
        HostRules.of(*settings.skytells_output_hosts)
    except ValueError:
        cure = "List host names, comma-separated; `*.` stands for all names below one"
        return Refusal("SKYTELLS_OUTPUT_HOSTS", "has an entry that is no host", cure)
    return None


def _app_url(settings: Settings) -> Refusal | None:
    if not settings.app_url:
        return Refusal("APP_URL", "missing, so providers cannot call back", "Set it to https://your.host")
    if urlsplit(settings.app_url).scheme != "https":
        return Refusal("APP_URL", "is not https", "Put TLS in front and set it to https://your.host")
    return None


def _cors(settings: Settings) -> Refusal | None:
    if "*" in settings.cors_origins:
        return Refusal("CORS_ORIGINS", "allows every origin", "List your frontends' origins, comma-separated")
    return None


def _webhook_secret(settings: Settings) -> Refusal | None:
    given = settings.skytells_webhook_secret.get_secret_value()
    if not given:
        return Refusal(
            "SKYTELLS_WEBHOOK_SECRET",
            "missing, so deliveries cannot be verified",
            "Set it to the dashboard's secret, or to the API key where the account signs with that",
        )
    if DEVELOPMENT_WEBHOOK_SECRET in given:
        return Refusal("SKYTELLS_WEBHOOK_SECRET", "is the public development constant", "Set a real secret")
    return None


def _emulator(settings: Settings) -> Refusal | None:
    if settings.skytells_is_emulated:
        return Refusal("SKYTELLS_BASE_URL", "points to an emulator on this machine", "Remove it to use Skytells")
    return None


def _local_blobs(settings: Settings) -> Refusal | None:
    if settings.allow_local_blobs:
        return None
    return Refusal(
        "ALLOW_LOCAL_BLOBS",
        "outputs would be kept on this machine's disk alone",
        "Set it to true if DARKROOM_DATA is a volume that is backed up",
    )


def _outbound(settings: Settings) -> Refusal | None:
    if settings.outbound_allow_nets:
        return Refusal("OUTBOUND_ALLOW_NETS", "opens private networks to outbound requests", "Remove it")
    return None


def _embedded_database(settings: Settings) -> Refusal | None:
    if settings.database_url.get_secret_value():
        return None
    return Refusal("DATABASE_URL", "missing", "Set it to a Postgres of 15 or newer; the embedded one is for laptops")
