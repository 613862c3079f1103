"""Where things are kept."""

from app.db.address import Address
from app.refusals.refusal import Check, Refusal
from app.settings import Settings


def _database(settings: Settings) -> Refusal | None:
    return _address("DATABASE_URL", settings.database_url.get_secret_value())


def _direct_database(settings: Settings) -> Refusal | None:
    return _address("DATABASE_DIRECT_URL", settings.database_direct_url.get_secret_value())


def _address(name: str, url: str) -> Refusal | None:
    if not url:
        return None
    try:
        Address.parse(url)
    except ValueError:
        return Refusal(name, "is no Postgres URL", "Write it as postgresql://user:password@host:5432/database")
    return None


def _embedded_database(settings: Settings) -> Refusal | None:
    if settings.database_url.get_secret_value():
        return None
    return Refusal("DATABASE_URL", "missing", "Set it to a Postgres of 15 or newer; the embedded one is for laptops")


def _local_blobs(settings: Settings) -> Refusal | None:
    if settings.store != "local" or settings.allow_local_blobs:
        return None
    return Refusal(
        "ALLOW_LOCAL_BLOBS",
        "outputs would be kept on this machine's disk alone",
        "Set S3_BUCKET or another store, or this to true if DARKROOM_DATA is a volume that is backed up",
    )


ALWAYS: tuple[Check, ...] = (_database, _direct_database)
STRICT: tuple[Check, ...] = (_embedded_database, _local_blobs)
