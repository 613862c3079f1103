"""URLs that clients want called, looked at before anything is stored."""

from app.domain.errors import FieldProblem, InvalidRequest
from app.outbound.errors import UrlRefused
from app.outbound.urls import check_url
from app.web.shared import Policy


def checked_url(url: str, field: str, policy: Policy) -> str:
    """Raises InvalidRequest."""
    try:
        check_url(url, allow_http=policy.http_webhooks, allow_nets=policy.outbound_allow_nets)
    except UrlRefused as refused:
        problem = FieldProblem(field, f"is not a URL that may be called ({refused.reason})")
        raise InvalidRequest("The webhook cannot be used.", problems=(problem,)) from refused
    return url
