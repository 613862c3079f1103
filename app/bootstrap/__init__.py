"""The one place that knows concrete things: settings become connections, adapters, stores and doors."""

from app.bootstrap.bench import known_secrets, senders_of
from app.bootstrap.moderators import open_moderators
from app.bootstrap.providers import open_providers
from app.bootstrap.services import Services, database_url, open_database, open_services
from app.bootstrap.web import web_application
from app.bootstrap.workshop import budget_policy, open_workshop, retention

__all__ = [
    "Services",
    "budget_policy",
    "database_url",
    "known_secrets",
    "open_database",
    "open_moderators",
    "open_providers",
    "open_services",
    "open_workshop",
    "retention",
    "senders_of",
    "web_application",
]
