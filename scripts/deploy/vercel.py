"""What vercel.json names: the API alone, as a function. The worker runs elsewhere, or by cron."""

from app.asgi import app as application
from app.serverless import WithoutLifespan

app = WithoutLifespan(application)
