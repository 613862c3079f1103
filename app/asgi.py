"""`uvicorn app.asgi:app`, for those who bring their own server."""

from app.bootstrap import web_application
from app.logs import configure_logs
from app.refusals import load_settings

settings = load_settings()
configure_logs(settings.log_level, settings.log_format)
app = web_application(settings)
