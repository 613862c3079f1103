"""What may not be asked for: a deny-list of our own and the operator's, and an endpoint that speaks OpenAI's dialect.

`readings` undoes the disguises of a text, `look_alikes` knows the letters that pass for others, `entries` reads and
checks the lists, `deny_list` judges; `endpoint` asks somebody else.
"""

from app.moderation.deny_list import DenyList
from app.moderation.endpoint import Endpoint
from app.moderation.entries import DenyListError

__all__ = ["DenyList", "DenyListError", "Endpoint"]
