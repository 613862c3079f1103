"""Price: whose model it is, its input in that model's words, what it may cost; and the same of each that stands by."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from app.actions.admission import Admission
from app.actions.check_pictures import check_pictures
from app.actions.moderate_input import moderate
from app.actions.settle_order import Settled, settle_order
from app.domain.caller import Caller
from app.domain.errors import DarkroomError, FieldProblem, InvalidRequest, PriceUnknown
from app.domain.order import Maker, Order
from app.domain.prices import price_of


@dataclass(frozen=True, slots=True)
class Offer:
    """A settled input and the USD that it may cost."""

    settled: Settled
    price: Decimal

    @property
    def maker(self) -> Maker:
        return Maker(self.settled.model.provider, self.settled.model.slug)


@dataclass(frozen=True, slots=True)
class Priced:
    """The order as its model takes it; the offers, the model's own first."""

    order: Order
    offers: tuple[Offer, ...]


async def price_order(admission: Admission, order: Order, caller: Caller) -> Priced:
    """Nothing is asked of a moderator before everything else is well. Raises what `settled_order` and `moderate` do."""
    priced = await settled_order(admission, order, caller)
    await moderate(admission.moderators, order.input)
    return priced


async def settled_order(admission: Admission, order: Order, caller: Caller) -> Priced:
    """All but the moderation. A problem of one that stands by is named `fallback.0.model`. Raises what `settle_order`
    and `check_pictures` do, and PriceUnknown."""
    first, *others = [offer async for offer in _offers(admission, order)]
    _refuse_repeated([first, *others])
    for offer in (first, *others):
        await check_pictures(admission.database, admission.examiner, offer.settled.input, owner=caller.owner)
    settled = first.settled
    taken = replace(order, maker=first.maker, input=settled.input, adjusted=settled.adjusted, asked=order.fingerprint)
    return Priced(taken, (first, *others))


async def _offers(admission: Admission, order: Order) -> AsyncIterator[Offer]:
    first = await _offer(admission, order, order.maker)
    yield first
    for number, maker in enumerate(order.fallback):
        beside = replace(maker, provider=first.maker.provider) if maker.left_out else maker
        try:
            yield await _offer(admission, order, beside)
        except DarkroomError as trouble:
            trouble.problems = within(f"fallback.{number}", trouble.problems)
            raise


async def _offer(admission: Admission, order: Order, maker: Maker) -> Offer:
    settled = await settle_order(
        admission.models, maker.provider, maker.model, order.input, left_out=maker.left_out, form=order.form
    )
    return Offer(settled, _price(admission, settled))


def _price(admission: Admission, settled: Settled) -> Decimal:
    model = settled.model
    price = price_of(model, settled.input)
    if price is None:
        price = admission.budgets.ceiling
    if price is None:
        problem = FieldProblem("model", "has no known price")
        raise PriceUnknown(
            f"{model.provider} tells no price for {model.slug}, so no budget could bound it; "
            "an operator can set CEILING_PRICE or a price of his own in PRICES_FILE.",
            problems=(problem,),
        )
    return price


def _refuse_repeated(offers: Sequence[Offer]) -> None:
    """Whoever is asked in vain is not asked again."""
    makers = [offer.maker for offer in offers]
    repeated = [number for number, maker in enumerate(makers) if maker in makers[:number]]
    if repeated:
        problems = tuple(FieldProblem(f"fallback.{number - 1}.model", "is named before") for number in repeated)
        raise InvalidRequest("A model is named twice.", problems=problems)


def within(place: str, problems: Sequence[FieldProblem]) -> tuple[FieldProblem, ...]:
    return tuple(FieldProblem(f"{place}.{problem.field}", problem.message) for problem in problems)
