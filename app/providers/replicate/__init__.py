"""Replicate: predictions of models, pinned versions and deployments, with signed webhooks.

Read from its OpenAPI document, its documentation and its official clients. Outputs live one hour after the end, and
the last webhook is retried for about a minute, so that the looks have to find what a longer outage lost. A create
carries `Cancel-After`, since a job that is given up here must not go on costing money there.
"""

from app.providers.replicate.adapter import Replicate

__all__ = ["Replicate"]
