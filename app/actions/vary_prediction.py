"""Variations: a finished prediction's input once more, with other seeds.

Drawn by lot, so that the same again is another picture; the same Idempotency-Key still gives the same predictions,
since what was asked for is remembered, and not what was drawn.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import SystemRandom
from typing import Any
from uuid import UUID

from app.actions.admission import Admission
from app.actions.read_predictions import read_prediction
from app.domain.caller import Caller
from app.domain.errors import FieldProblem, InvalidRequest, OperationUnsupported, PredictionUnfinished
from app.domain.model import Model
from app.domain.order import Maker, Order
from app.domain.prediction import Prediction, Webhook
from app.domain.schemas import facts_of, fields_of

MOST = 8
LARGEST_SEED = 2**31 - 1
"""Where a schema names no bound: what every provider takes."""


@dataclass(frozen=True, slots=True)
class Variation:
    """`num` other draws of a prediction; with `seed`, of this seed and those that follow it."""

    of: UUID
    num: int = 1
    seed: int | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)
    webhook: Webhook | None = field(default=None, repr=False)


async def variations(admission: Admission, wanted: Variation, *, caller: Caller) -> list[Order]:
    """Orders for the same model and input, to be created as any others.

    Raises PredictionNotFound, PredictionUnfinished, OperationUnsupported where the model takes no seed, InvalidRequest,
    and what tells of models.
    """
    source = await read_prediction(admission.database, wanted.of, owner=caller.owner)
    if not source.status.is_final:
        raise PredictionUnfinished("It has not ended yet; vary it once it has.")
    model = await admission.models.find(source.provider, source.model)
    seeds = _seeds(wanted, source, model)
    return [_order(wanted, source, seed, number) for number, seed in enumerate(seeds)]


def _seeds(wanted: Variation, source: Prediction, model: Model) -> list[int]:
    if "seed" not in fields_of(model.input_schema):
        problem = FieldProblem("model", "takes no seed")
        raise OperationUnsupported(f"{model.slug} takes no seed, so there is nothing to vary.", problems=(problem,))
    if wanted.seed is not None:
        return [wanted.seed + number for number in range(wanted.num)]
    facts = facts_of(model.input_schema, "seed")
    lowest = max(0, int(facts.minimum or 0))
    beyond = lowest + LARGEST_SEED if facts.maximum is None else int(facts.maximum)
    return _drawn(range(lowest, min(beyond, LARGEST_SEED) + 1), source.input.get("seed"), wanted.num)


def _drawn(seeds: range, used: Any, num: int) -> list[int]:
    """Different ones, none of them `used`."""
    others = len(seeds) - (1 if isinstance(used, int) and used in seeds else 0)
    if others < num:
        problem = FieldProblem("num", f"the model has {others} other seeds")
        raise InvalidRequest("There are not as many other seeds.", problems=(problem,))
    drawn = SystemRandom().sample(seeds, min(num + 1, len(seeds)))
    return [seed for seed in drawn if seed != used][:num]


def _order(wanted: Variation, source: Prediction, seed: int, number: int) -> Order:
    webhook = wanted.webhook and [wanted.webhook.url, list(wanted.webhook.events)]
    asked = ["variation", str(source.id), wanted.num, wanted.seed, number, wanted.metadata, webhook]
    return Order(
        maker=Maker(source.provider, source.model),
        input={**source.input, "seed": seed},
        metadata=wanted.metadata,
        webhook=wanted.webhook,
        variation_of=source.id,
        asked=hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).digest(),
    )
