"""A provider: reached, with a key that it takes; its models priced; its clock ours."""

from datetime import UTC, datetime

from app.actions.diagnose.database import apart
from app.actions.diagnose.finding import Finding, bad, ok, skipped
from app.domain.model import Model
from app.domain.ports import Prices, Provider, ProviderRefused, Unavailable

MOST_NAMES = 8


async def check_key(provider: Provider, setting: str) -> tuple[Finding, Finding]:
    """The key, which `setting` has, and the clock: the one answer tells of both."""
    key, clock = f"key, {provider.name}", f"clock, {provider.name}"
    before = datetime.now(UTC)
    try:
        there = await provider.greet()
    except ProviderRefused as refused:
        return bad(key, refused.failure.message, f"Correct {setting}"), skipped(clock, "needs the key")
    except Unavailable as trouble:
        cure = f"Look at the network, at the provider's status page, and at {provider.name.upper()}_BASE_URL"
        return bad(key, f"cannot be reached ({trouble})", cure), skipped(clock, "needs the provider")
    if there is None:
        return ok(key, "taken"), skipped(clock, "the provider tells no time")
    return ok(key, "taken"), apart(clock, there, before, datetime.now(UTC))


async def check_models(provider: Provider, prices: Prices, *, default: str | None, has_ceiling: bool) -> Finding:
    """`default` is the model that has to be among them, if any, priced unless a ceiling price stands in."""
    name = f"models, {provider.name}"
    try:
        models = {model.slug: prices.priced(model) for model in await provider.models()}
    except Unavailable as trouble:
        return bad(name, f"are not told ({trouble})", "See the key's own line")
    if default is not None and default not in models:
        known = ", ".join(sorted(models)[:MOST_NAMES]) or "none"
        return bad(name, f"{default} is not among them", f"Set DEFAULT_MODEL to one of: {known}")
    unpriced = sorted(slug for slug, model in models.items() if model.price is None)
    said = _told(models, unpriced, has_ceiling)
    if default in unpriced and not has_ceiling:
        return bad(name, said, "Give it a price in PRICES_FILE, or set CEILING_PRICE")
    return ok(name, said)


def _told(models: dict[str, Model], unpriced: list[str], has_ceiling: bool) -> str:
    if not unpriced:
        return f"{len(models)}, all with a price"
    names = ", ".join(unpriced[:MOST_NAMES]) + (
        f" and {len(unpriced) - MOST_NAMES} more" * (len(unpriced) > MOST_NAMES)
    )
    fate = "held for at CEILING_PRICE" if has_ceiling else "refused until PRICES_FILE or CEILING_PRICE names one"
    return f"{len(models)}; without a price, and {fate}: {names}"
