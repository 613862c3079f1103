"""The routes under `/replicate/v1`."""

from functools import partial

from starlette.routing import BaseRoute, Mount, Route

from app.domain.caller import Scope
from app.web.auth import owned
from app.web.compat.face import make_face
from app.web.compat.replicate import account, files, models, predictions, streams
from app.web.compat.replicate.dialect import dialect
from app.web.compat.replicate.orders import FACE, PREFIX
from app.web.limits import limited

MODEL = "/models/{owner}/{name}"


def face() -> Mount:
    return make_face(FACE, PREFIX, _routes(), dialect)


def _routes() -> list[BaseRoute]:
    creates, sends = partial(limited, "create"), partial(limited, "upload")
    bought = "/deployments/{owner}/{name}/predictions"
    return [
        Route("/predictions", owned(creates(predictions.create)), methods=["POST"]),
        Route("/predictions", owned(predictions.page), methods=["GET"]),
        Route("/predictions/{id}", owned(predictions.read), methods=["GET"]),
        Route("/predictions/{id}/cancel", owned(predictions.cancel), methods=["POST"]),
        Route("/predictions/{id}/stream", streams.stream, methods=["GET"]),
        Route(f"{MODEL}/predictions", owned(creates(predictions.create_of_model)), methods=["POST"]),
        Route(bought, owned(creates(predictions.create_of_deployment)), methods=["POST"]),
        Route("/models", owned(models.page), methods=["GET"]),
        Route("/models", owned(models.search, Scope.READ), methods=["QUERY"]),
        Route(MODEL, owned(models.read), methods=["GET"]),
        Route(f"{MODEL}/versions", owned(models.versions), methods=["GET"]),
        Route(f"{MODEL}/versions/{{version}}", owned(models.version), methods=["GET"]),
        Route("/files", owned(sends(files.create)), methods=["POST"]),
        Route("/files", owned(files.page), methods=["GET"]),
        Route("/files/{id}", owned(files.read), methods=["GET"]),
        Route("/files/{id}", owned(files.delete), methods=["DELETE"]),
        Route("/files/{id}/download", owned(files.download), methods=["GET"]),
        Route("/account", owned(account.account), methods=["GET"]),
        Route("/hardware", owned(account.hardware), methods=["GET"]),
        Route("/webhooks/default/secret", owned(account.webhook_secret), methods=["GET"]),
    ]
