"""fal.ai: its queue with webhooks, read from its documentation and published clients.

What is peculiar: a model is an endpoint's id (`fal-ai/flux/dev`), and its requests live below the first two parts of
it; deliveries name the request alone, so that the request's id is ours. There is no failed status: what ends is
`COMPLETED`, and its result tells the rest. Creates know no idempotency key and the queue has no list to search, so that
a create that may have been heard is healed by its delivery alone. Deliveries are signed with fal's own keys, for all
its customers alike: what proves them ours is the request's id or the callback's token.
"""

from app.providers.fal.adapter import Fal
from app.providers.fal.keys import Keys

__all__ = ["Fal", "Keys"]
