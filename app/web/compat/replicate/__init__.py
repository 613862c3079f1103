"""Replicate's HTTP API, for the clients that speak it: PyPI and npm `replicate` work unmodified.

Which of our models a name means. Theirs are `owner/name`, of one segment each:

- A model of a provider of ours is `provider/slug`, such as `skytells/truefusion-pro`, whoever that provider is; a `/`
  within the slug is written `--` (`fal/fal-ai--flux--schnell`).
- Models that Replicate makes for us keep their own names, such as `black-forest-labs/flux-schnell`. Without a
  Replicate account behind us they are unknown: another maker's model of a like name has another price.
- A deployment of Replicate's is ours if REPLICATE_MODELS lists it.

Every model has one version, whose id is a hash of its name, and which never changes; versions that are pinned in
REPLICATE_MODELS keep the ids that Replicate gave them. `owner/name`, `owner/name:version` and the bare id all do.

    names         their names and versions for our models
    orders        their create as our Order
    objects       predictions, as they show them; also the body of a webhook
    catalogue     models and versions, as they show them
    dialect       errors as they tell them
    predictions, models, files, streams, account    what is behind the routes; `routes` lists them
"""

from app.web.compat.replicate.routes import face

__all__ = ["face"]
