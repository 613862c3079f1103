"""Skytells: asynchronous predictions with webhooks, read from its published clients and documentation.

Where those disagree: creates go to the documented `/predictions`, with the key in `x-api-key` alone; every spelling
of a status is folded; deliveries are read flat or enveloped; signatures are taken bare or with `sha256=`; outputs are
taken to live five minutes, the shorter of the two claims; a 502 is looked into before it counts as an outage.
"""

from app.providers.skytells.adapter import Skytells

__all__ = ["Skytells"]
