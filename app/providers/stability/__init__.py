"""Stability AI: Stable Image v2beta, read from its OpenAPI text and from clients that others published.

What is peculiar: the picture comes back on the request that asked for it, as bytes, and nowhere else. There are no
webhooks, no list, no cancel and no idempotency key, so that a create whose answer was lost is lost, and ends as
`purchase_unknown`. One upscaler is a job with an id to poll. Bodies are multipart always, pictures parts of them.
"""

from app.providers.stability.adapter import Stability
from app.providers.stability.offers import load_offers

__all__ = ["Stability", "load_offers"]
