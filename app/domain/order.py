"""What a client asks for, before anybody knows whose model it is and what it costs."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.domain.prediction import Adjustment, Webhook


@dataclass(frozen=True, slots=True)
class Maker:
    """Who is to make it. `provider` is the one to look at first where none was named (`left_out`)."""

    provider: str
    model: str
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """An input in our own words, yet to be put into a model's. `operation` None is to be inferred from the fields.

    Who names an operation and no model (`model_left_out`) gets the default model if that can do it, else the cheapest
    of the default provider's that can. Where the operation is only inferred, the default model alone is asked, so that
    a stray field does not buy from another.
    """

    operation: str | None = None
    model_left_out: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """`maker`, and in their order those that stand by for it if it surely makes nothing (`fallback`).

    `asked` is the fingerprint of the request, where the order is no longer as it was asked for. `face` is the name of
    the face that took it, None for our own API.
    """

    maker: Maker
    input: Mapping[str, Any] = field(repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)
    webhook: Webhook | None = field(default=None, repr=False)
    fallback: tuple[Maker, ...] = ()
    form: Form | None = None
    variation_of: UUID | None = None
    adjusted: tuple[Adjustment, ...] = ()
    asked: bytes | None = field(default=None, repr=False)
    face: str | None = None

    @property
    def fingerprint(self) -> bytes:
        """The same for the same request, whatever the order of its fields, and whatever becomes of the model lists."""
        if self.asked is not None:
            return self.asked
        webhook = self.webhook and [self.webhook.url, list(self.webhook.events)]
        asked: list[Any] = [self.maker.provider, self.maker.model, self.input, self.metadata, webhook]
        if self.form is not None and self.form.operation is not None:
            asked.append(self.form.operation)
        if self.fallback:  # so that creates without one keep the fingerprints that they had
            asked.append([[each.provider, each.model] for each in self.fallback])
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).digest()
