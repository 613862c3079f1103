"""`/api/files`: pictures that predictions work on, by their ids."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.actions.delete_upload import delete_upload
from app.actions.read_upload import read_upload
from app.actions.upload_file import upload_file
from app.domain.caller import Caller
from app.domain.errors import FileNotFound
from app.domain.upload import UPLOAD_ID, Upload
from app.storage.inputs import LARGEST_INPUT
from app.web.forms import read_form
from app.web.requests import bad_parameter, single_parameter
from app.web.schemas import UploadDeleted, UploadView
from app.web.shared import Policy, shared

KEEP = "keep_metadata"


async def create(request: Request, caller: Caller) -> Response:
    common = shared(request)
    wish = single_parameter(request, KEEP)
    async with read_form(request, "file", LARGEST_INPUT, (KEEP,)) as form:
        upload = await upload_file(
            common.database,
            common.blobs,
            common.admission.space,
            common.admission.examiner,
            form.read,
            owner=caller.owner,
            keep_metadata=_is_true(form.texts.get(KEEP, wish or "false")),
        )
    place = f"{common.views.public_url}/api/files/{upload.id}"
    return _answer(upload, common.policy, 201, {"Location": place})


async def read(request: Request, caller: Caller) -> Response:
    common = shared(request)
    return _answer(await read_upload(common.database, _id(request), owner=caller.owner), common.policy)


async def delete(request: Request, caller: Caller) -> Response:
    common, upload_id = shared(request), _id(request)
    await delete_upload(common.database, common.blobs, upload_id, owner=caller.owner)
    return JSONResponse(UploadDeleted(id=upload_id).model_dump(mode="json"))


def _answer(upload: Upload, policy: Policy, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    view = UploadView(
        id=upload.id,
        content_type=upload.stored.content_type,
        bytes=upload.stored.bytes,
        width=upload.stored.width,
        height=upload.stored.height,
        created_at=upload.created_at,
        expires_at=upload.last_used_at + timedelta(hours=policy.upload_hours),
    )
    cached = {"Cache-Control": "private, no-cache", **(headers or {})}
    return JSONResponse(view.model_dump(mode="json"), status, headers=cached)


def _id(request: Request) -> str:
    upload_id: str = request.path_params["id"]
    if UPLOAD_ID.fullmatch(upload_id) is None:
        raise FileNotFound("There is no such file.")
    return upload_id


def _is_true(text: str) -> bool:
    if text not in ("true", "false"):
        raise bad_parameter(KEEP, "must be true or false")
    return text == "true"
