"""`/api/health/details`: what has to read zero, how much is going on, and the doctor's cheap findings."""

from starlette.requests import Request
from starlette.responses import Response

from app.actions.read_condition import Condition, examine_condition, read_condition
from app.domain.caller import Caller
from app.web.predictions import json_response
from app.web.requests import bad_parameter, single_parameter
from app.web.schemas import FindingView, HealthDetails, ZeroView
from app.web.shared import Shared, shared


async def details(request: Request, _: Caller) -> Response:
    common, full = shared(request), single_parameter(request, "full")
    if full not in (None, "true", "false"):
        raise bad_parameter("full", "must be true or false")
    look = examine_condition if full == "true" else read_condition
    found = await look(common.database, common.admission.space, common.admission.budgets)
    return json_response(_view(found, common), headers={"Cache-Control": "no-store"})


def _view(found: Condition, common: Shared) -> HealthDetails:
    silent = found.gauges.worker_silent
    findings = found.findings
    return HealthDetails(
        zeros=[ZeroView.model_validate(each, from_attributes=True) for each in found.zeros],
        unfinished=found.gauges.unfinished,
        worker_silent=None if silent is None else max(silent.total_seconds(), 0),
        outputs_urgent=found.outputs_urgent,
        forged_deliveries=common.traffic.forged_deliveries,
        client_webhooks_pending=found.gauges.notices_pending,
        findings=None
        if findings is None
        else [FindingView.model_validate(each, from_attributes=True) for each in findings],
        environment="other" if common.bench.rejected is None else "development",
    )
