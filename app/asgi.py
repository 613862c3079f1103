"""`uvicorn app.asgi:app --no-proxy-headers`, for those who bring their own server.

Whom to believe about a client's address is TRUSTED_PROXIES' business: the server must leave the peer as it is.
How long slow clients are waited for is then that server's business too; `darkroom web` has limits of its own.
"""

from app.bootstrap import web_application
from app.logs import configure_logs
from app.refusals import load_settings

settings = load_settings()
configure_logs(settings.log_level, settings.log_format)
app = web_application(settings)
