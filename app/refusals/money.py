"""What things cost, and who is told when much was spent."""

from app.outbound.errors import UrlRefused
from app.outbound.urls import check_url
from app.providers.price_table import UnusablePrices, load_prices
from app.refusals.refusal import Check, Refusal
from app.settings import Settings


def _prices_file(settings: Settings) -> Refusal | None:
    try:
        load_prices(settings.prices_file)
    except UnusablePrices as error:
        return Refusal("PRICES_FILE", f"cannot be used: {error}", "Its form is app/providers/prices.toml")
    return None


def _alert_webhook(settings: Settings) -> Refusal | None:
    if not settings.spend_alert_webhook:
        return None
    nets = settings.outbound_allow_nets
    try:
        check_url(settings.spend_alert_webhook, allow_http=not settings.is_strict, allow_nets=nets)
    except UrlRefused as refused:
        wrong = f"is no URL that may be called ({refused.reason})"
        return Refusal("SPEND_ALERT_WEBHOOK", wrong, "Set it to a public https address, or remove it")
    return None


ALWAYS: tuple[Check, ...] = (_prices_file, _alert_webhook)
STRICT: tuple[Check, ...] = ()
