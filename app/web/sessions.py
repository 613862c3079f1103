"""`/api/session`: a browser signs in with a key, asks who it is, and signs out."""

from starlette.requests import Request
from starlette.responses import Response

from app.actions.sign_in import sign_in, sign_out
from app.domain.caller import Caller
from app.domain.errors import Unauthenticated
from app.domain.rates import Rate
from app.web.auth import SIGNED_IN, require_caller, require_own_page
from app.web.cookies import clear_session, session_token, set_session
from app.web.limits import count_attempt
from app.web.predictions import json_response
from app.web.requests import read_json
from app.web.schemas import SessionView, SignIn
from app.web.shared import shared

ATTEMPTS = Rate(10, 60)
"""Of an address. A key has 256 random bits, which nobody guesses; this keeps the log and the database quiet."""
NOT_KEPT = {"Cache-Control": "no-store"}


async def create(request: Request) -> Response:
    headers = NOT_KEPT | await count_attempt(request, "sign-in", ATTEMPTS)
    body = await read_json(request, SignIn)
    found = await sign_in(shared(request).database, body.key.get_secret_value(), instead_of=session_token(request))
    answer = json_response(_view(request, found.caller, signed_in=True), 201, headers=headers)
    set_session(request, answer, found.token)
    return answer


async def read(request: Request) -> Response:
    """Open: it tells those who are nobody yet that a key is needed."""
    try:
        caller = await require_caller(request)
    except Unauthenticated:
        return json_response(_view(request, None), headers=NOT_KEPT)
    signed_in = request.scope.get(SIGNED_IN, False)
    return json_response(_view(request, caller, signed_in=signed_in), headers=NOT_KEPT)


async def delete(request: Request) -> Response:
    """Signed out, however often it is said."""
    token = session_token(request)
    if token is not None:
        require_own_page(request)
        await sign_out(shared(request).database, token)
    answer = json_response(_view(request, None), headers=NOT_KEPT)
    clear_session(request, answer)
    return answer


def _view(request: Request, caller: Caller | None, *, signed_in: bool = False) -> SessionView:
    return SessionView(
        signed_in=signed_in,
        owner=caller and caller.owner,
        scopes=sorted(caller.scopes) if caller else [],
        needs_key=caller is None or caller.key_id is not None,
        environment=shared(request).policy.environment,
    )
