"""The routes."""

from functools import partial

from starlette.routing import Mount, Route

from app.web.auth import owned
from app.web.compat.face import make_face
from app.web.compat.openai.dialect import in_their_words
from app.web.compat.openai.editing import edit, vary
from app.web.compat.openai.generating import generate
from app.web.compat.openai.models import model, models
from app.web.compat.openai.wishes import NAME
from app.web.limits import limited

PREFIX = "/openai/v1"
creates = partial(limited, "create")


def face() -> Mount:
    routes = [
        Route("/images/generations", owned(creates(generate)), methods=["POST"]),
        Route("/images/edits", owned(creates(edit)), methods=["POST"]),
        Route("/images/variations", owned(creates(vary)), methods=["POST"]),
        Route("/models", owned(models), methods=["GET"]),
        Route("/models/{model:path}", owned(model), methods=["GET"]),
    ]
    return make_face(NAME, PREFIX, routes, in_their_words)
