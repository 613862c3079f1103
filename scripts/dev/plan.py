"""From flags and settings to what runs, with which environment. Nothing is started or touched here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import app.embedded
from app.settings import PROVIDER_KEYS
from scripts.dev.refusals import Refused

EMULATOR_KEY = "sk-emulator"
DEVELOPMENT_WEBHOOK_SECRET = "darkroom-development-webhook-secret"
SKYTELLS = "https://api.skytells.ai/v1"
TRUE_WORDS = ("1", "true", "t", "yes", "y", "on")
OTHER_KEYS = {name: key for name, key in PROVIDER_KEYS.items() if name != "skytells"}
ANY_ADDRESS = ("", "0.0.0.0", "::")


@dataclass(frozen=True, kw_only=True)
class Order:
    """What was asked for on the command line."""

    demo: str | None = None
    demo_seconds: float = 120
    is_live: bool = False
    wants_tunnel: bool = False


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`environment` is for migrate, web and worker; `emulator` is the emulator's, None without one."""

    data: Path
    host: str
    port: int
    emulator_port: int
    has_embedded_postgres: bool
    has_worker: bool
    environment: Mapping[str, str]
    emulator: Mapping[str, str] | None
    seller: str
    key: str | None = field(repr=False)

    @property
    def local_url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def emulator_url(self) -> str:
        return f"http://127.0.0.1:{self.emulator_port}"

    @property
    def app_url(self) -> str:
        return self.environment["APP_URL"]

    @property
    def can_be_called_back(self) -> bool:
        return self.emulator is not None or urlsplit(self.app_url).hostname not in (
            "127.0.0.1",
            "localhost",
            "::1",
        )


def make_plan(order: Order, settings: Mapping[str, str], root: Path) -> Plan:
    """`settings` is the environment over `.env`; Refused when they cannot go together."""
    data = (root / settings.get("DARKROOM_DATA", "data")).resolve()
    host = "127.0.0.1" if settings.get("HOST", "") in ANY_ADDRESS else settings["HOST"]
    port, emulator_port = _port(settings, "PORT", 8000), _port(settings, "EMULATOR_PORT", 8001)
    is_emulated = not order.is_live and "SKYTELLS_BASE_URL" not in settings
    if is_emulated and port == emulator_port:
        raise Refused(f"PORT and EMULATOR_PORT are both {port}. Move one of them.")
    secret = _webhook_secret(order, settings, is_emulated)
    environment = {
        "DATABASE_URL": settings.get("DATABASE_URL") or app.embedded.url(data),
        "DARKROOM_DATA": str(data),
        "PORT": str(port),
        "APP_URL": settings.get("APP_URL") or settings.get("NEXT_PUBLIC_APP_URL") or f"http://{host}:{port}",
        "ENVIRONMENT": settings.get("ENVIRONMENT", "development"),
        **({} if order.demo is None else {"RATE_LIMIT_GENERATE": settings.get("RATE_LIMIT_GENERATE", "off")}),
        **({"SKYTELLS_WEBHOOK_SECRET": secret} if secret else {}),
        **(_for_buying_from_the_emulator(emulator_port) if is_emulated else {}),
        **(_nobody_else(settings) if is_emulated else _default_provider(settings)),
    }
    return Plan(
        data=data,
        host=host,
        port=port,
        emulator_port=emulator_port,
        has_embedded_postgres="DATABASE_URL" not in settings,
        has_worker=settings.get("WORKER_IN_WEB", "").lower() not in TRUE_WORDS,
        environment=environment,
        emulator=_for_the_emulator(emulator_port, data, secret) if is_emulated else None,
        seller=_seller(settings, emulator_port, is_emulated),
        key=settings.get("DARKROOM_API_KEY"),
    )


def _port(settings: Mapping[str, str], name: str, default: int) -> int:
    text = settings.get(name, str(default)).strip()
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise Refused(f"{name} is {text!r}, which is no port. Set it to a number from 1 to 65535.")
    return int(text)


def _webhook_secret(order: Order, settings: Mapping[str, str], is_emulated: bool) -> str:
    given = settings.get("SKYTELLS_WEBHOOK_SECRET", "")
    if is_emulated:
        return given or DEVELOPMENT_WEBHOOK_SECRET
    if not order.is_live:
        return given
    sellers = _sellers(settings)
    if not sellers:
        raise Refused(
            "--live buys from a provider, which needs your key. Put SKYTELLS_API_KEY=sk-… "
            f"(or {', '.join(OTHER_KEYS.values())}) into .env or the environment, or leave --live away to buy from the "
            "emulator."
        )
    return given or settings.get("SKYTELLS_API_KEY", "")  # what Skytells signs with unless the dashboard says otherwise


def _sellers(settings: Mapping[str, str]) -> list[str]:
    """Who can be bought from for real."""
    keys = {name: settings.get(setting, "").strip() for name, setting in PROVIDER_KEYS.items()}
    return [name for name, key in keys.items() if key and key != EMULATOR_KEY]


def _nobody_else(settings: Mapping[str, str]) -> dict[str, str]:
    """Beside the emulator nothing is bought for real, whatever keys lie in `.env`; a blank is what hides them there,
    since an empty value would let them through. A provider that was moved is moved for a purpose."""
    was_moved = {name for name in OTHER_KEYS if f"{name.upper()}_BASE_URL" in settings}
    return {key: " " for name, key in OTHER_KEYS.items() if key in settings and name not in was_moved}


def _default_provider(settings: Mapping[str, str]) -> dict[str, str]:
    """The first whose key is there, where nobody says."""
    sellers = _sellers(settings)
    if "DEFAULT_PROVIDER" in settings or not sellers or "skytells" in sellers:
        return {}
    return {"DEFAULT_PROVIDER": sellers[0]}


def _for_buying_from_the_emulator(port: int) -> dict[str, str]:
    return {
        "SKYTELLS_BASE_URL": f"http://127.0.0.1:{port}/v1",
        "SKYTELLS_API_KEY": EMULATOR_KEY,
        "SKYTELLS_OUTPUT_HOSTS": "127.0.0.1",
        "OUTBOUND_ALLOW_NETS": "127.0.0.0/8",
    }


def _for_the_emulator(port: int, data: Path, secret: str) -> dict[str, str]:
    return {
        "EMULATOR_PORT": str(port),
        "EMULATOR_API_KEY": EMULATOR_KEY,
        "EMULATOR_WEBHOOK_SECRET": secret.split(",", maxsplit=1)[0].strip(),  # newest first, and the newest signs
        "EMULATOR_SIGNING_KEY": "secret",
        "DARKROOM_DATA": str(data),
    }


def _seller(settings: Mapping[str, str], emulator_port: int, is_emulated: bool) -> str:
    if is_emulated:
        return f"the emulator at http://127.0.0.1:{emulator_port}/v1 (nothing costs anything)"
    moved = settings.get("SKYTELLS_BASE_URL")
    sellers = [{"skytells": SKYTELLS}.get(name, name) for name in _sellers(settings)]
    if moved:
        sellers = [moved, *(each for each in sellers if each != SKYTELLS)]
    return f"{', '.join(sellers)} with your key{'s' * (len(sellers) > 1)} (this costs money)"
