"""The routes, in each of the spellings that some client has."""

from functools import partial

from starlette.routing import Mount, Route

from app.web.auth import owned
from app.web.compat.face import make_face
from app.web.compat.skytells.creating import NAME, create
from app.web.compat.skytells.dialect import in_their_words
from app.web.compat.skytells.ending import cancel, delete
from app.web.compat.skytells.models import model, models
from app.web.compat.skytells.reading import page, read
from app.web.compat.skytells.views import PREFIX
from app.web.limits import limited

creates = partial(limited, "create")


def face() -> Mount:
    one = "/predictions/{id}"
    routes = [
        Route("/predictions", owned(creates(create)), methods=["POST"]),
        Route("/predict", owned(creates(create)), methods=["POST"]),
        Route("/predictions", owned(page), methods=["GET"]),
        Route(one, owned(read), methods=["GET"]),
        Route(f"{one}/stream", owned(read), methods=["GET"]),
        Route(f"{one}/cancel", owned(cancel), methods=["POST"]),
        Route(one, owned(delete), methods=["DELETE"]),
        Route(f"{one}/delete", owned(delete), methods=["DELETE"]),
        Route("/models", owned(models), methods=["GET"]),
        Route("/models/{slug:path}", owned(model), methods=["GET"]),
        Route("/model/{slug:path}", owned(model), methods=["GET"]),
    ]
    return make_face(NAME, PREFIX, routes, in_their_words)
